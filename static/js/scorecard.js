// Keys, quotes and the current criterion; each also has a control on the page.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const saver = $("auto-save[data-scorecard]");
const criteria = $$(".criterion", saver);
const undoBar = $("[data-undo-bar]");
const QUOTE_LIMIT = 500;
let undoStack = [];
let undoTimer = 0;

// --- the current criterion: the only tall one

const current = () => criteria.find((one) => one.hasAttribute("aria-current")) ?? criteria[0];
const makeCurrent = (criterion, { focus = false } = {}) => {
  if (!criterion) return;
  if (criterion !== current()) {
    const top = criterion.getBoundingClientRect().top;
    for (const one of criteria) one.toggleAttribute("aria-current", false);
    criterion.setAttribute("aria-current", "true");
    // Folding the one above must not move this one from under the pointer.
    $(".desk-score").scrollTop += criterion.getBoundingClientRect().top - top;
    refreshLines();
  }
  if (!focus) return;
  criterion.tabIndex = -1;
  criterion.focus({ preventScroll: true });
  criterion.scrollIntoView({ block: "nearest" });
};
const refreshLines = () => {
  for (const criterion of criteria) {
    const line = $("[data-evidence-line]", criterion);
    if (!line) continue;
    const count = quotesOf(criterion).length;
    const [quotes, words] = $$("span", line);
    const { wordsOne = "1 quote", wordsMany = "# quotes", wordsNone = "No evidence yet" } = line.dataset;
    const text = $("textarea", criterion)?.value.trim().split("\n")[0] ?? "";
    quotes.textContent = count ? (count === 1 ? wordsOne : wordsMany.replace("#", count)) : "";
    words.textContent = text || (count ? "" : wordsNone);
    const icon = $(".icon", line);
    if (icon) icon.toggleAttribute("hidden", !count && !text);
  }
};

// --- undo: the last single-key action, for ten seconds

const remember = (kind, undo) => {
  undoStack.push(undo);
  if (!undoBar) return;
  const slot = $("[data-slot=text]", undoBar);
  slot.textContent = slot.dataset[`words${kind}`] ?? "";
  undoBar.hidden = false;
  clearTimeout(undoTimer);
  undoTimer = setTimeout(() => {
    undoBar.hidden = true;
    undoStack = [];
  }, 10000);
};
const undo = () => {
  undoStack.pop()?.();
  if (!undoBar || undoStack.length) return;
  const inside = undoBar.contains(document.activeElement);
  undoBar.hidden = true;
  if (inside) makeCurrent(current(), { focus: true });
};

const choose = (radios, value, kind) => {
  const before = radios.find((radio) => radio.checked)?.value ?? "";
  if (before === value) return;
  const set = (wanted) => {
    for (const radio of radios) radio.checked = radio.value === wanted;
    saver.save(radios[0].dataset.field, wanted);
  };
  set(value);
  remember(kind, () => set(before));
};
const givePoint = (value) => choose($$(".points input[type=radio]", current()), value, "Point");

// --- quotes

const quotesOf = (criterion) => {
  const list = $("[data-quotes]", criterion);
  return list ? JSON.parse(list.dataset.json || "[]") : [];
};
const drawQuotes = (criterion) => {
  const list = $("[data-quotes]", criterion);
  const template = $("#quote-template");
  list.replaceChildren(
    ...quotesOf(criterion).map(({ anchor, text }) => {
      const item = template.content.firstElementChild.cloneNode(true);
      $(".anchor", item).textContent = anchor;
      $("q", item).textContent = text;
      Object.assign(item.dataset, { anchor, text });
      return item;
    }),
  );
  refreshLines();
};
const setQuotes = (criterion, quotes) => {
  const list = $("[data-quotes]", criterion);
  list.dataset.json = JSON.stringify(quotes);
  saver.save(list.dataset.field, quotes);
  drawQuotes(criterion);
};
const lineAnchor = (first, last) => {
  const [a, b] = [Number(first.dataset.line), Number((last ?? first).dataset.line)].sort((x, y) => x - y);
  const files = new Set($$(".code[data-file]").map((code) => code.dataset.file));
  const file = files.size > 1 ? `${first.closest("[data-file]")?.dataset.file ?? ""} ` : "";
  return `${file}L${a}${b > a ? `–${b}` : ""}`;
};
const anchorOf = (node, last) => {
  const element = node?.nodeType === 1 ? node : node?.parentElement;
  const end = last?.nodeType === 1 ? last : last?.parentElement;
  const thread = element?.closest(".thread");
  if (thread) return $(".anchor", thread)?.textContent.trim() ?? "";
  const line = element?.closest(".line");
  if (line) return lineAnchor(line, end?.closest(".line") ?? line);
  return element?.closest("[data-anchor]")?.dataset.anchor ?? "";
};
const findQuote = () => {
  const selection = getSelection();
  const selected = selection.toString().trim();
  const work = $(".desk-work");
  if (selected && work.contains(selection.anchorNode)) {
    const range = selection.getRangeAt(0);
    return { anchor: anchorOf(range.startContainer, range.endContainer), text: selected };
  }
  const spot = document.activeElement.closest?.(".desk-work .thread, .desk-work .line, .desk-work [data-anchor]") ?? $(".thread.current, .turn.marked", work);
  if (!spot) return null;
  const words = $("[data-slot=text], .turn-text, .src", spot) ?? spot;
  return { anchor: anchorOf(spot), text: (words.value ?? words.textContent).trim() };
};
const quote = (found = findQuote()) => {
  const criterion = current();
  if (!found?.text || !$("[data-quotes]", criterion)) return;
  const before = quotesOf(criterion);
  setQuotes(criterion, [...before, { anchor: found.anchor || "work", text: found.text.slice(0, QUOTE_LIMIT) }]);
  remember("Quote", () => setQuotes(criterion, before));
};

// --- comments and turns of the open tab, one after the other

const spots = () => $$(".desk-work .thread, .desk-work .turn").filter((one) => one.offsetParent !== null);
const step = (by) => {
  const all = spots();
  if (!all.length) return;
  const at = all.findIndex((one) => one.matches(".current, .marked"));
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length];
  for (const one of all) one.classList.remove("current", "marked");
  next.classList.add(next.matches(".thread") ? "current" : "marked");
  const fold = next.closest("details:not([open])");
  if (fold) fold.open = true;
  const { start, end } = next.dataset;
  for (const line of $$(".desk-work .line")) {
    const number = Number(line.dataset.line);
    const here = line.closest(".code") === next.closest(".code");
    line.classList.toggle("marked", Boolean(here && start && number >= Number(start) && number <= Number(end)));
  }
  next.tabIndex = -1;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "center" });
  position();
};
// A file is one tab stop; the arrows walk its lines, and q quotes the line they are on.
const stepLine = (target, by) => {
  const numbers = $$(".ln", target.closest(".code"));
  const at = numbers.indexOf(target);
  numbers[Math.min(numbers.length - 1, Math.max(0, at + by))]?.focus();
};
const position = () => {
  const all = spots();
  const at = all.findIndex((one) => one.matches(".current, .marked")) + 1;
  for (const slot of $$(".desk-work [data-slot=position]")) {
    const words = slot.dataset.words ?? "# of #";
    slot.textContent = all.length ? words.replace("#", at || "–").replace("#", all.length) : "";
  }
};

// --- the key map; help lists exactly these (components/shortcuts.html)

const toggleKey = () => {
  const rows = $("#answer-key .key-rows");
  if (!rows) return;
  rows.hidden = !rows.hidden;
  $("[data-key-toggle]")?.setAttribute("aria-expanded", !rows.hidden);
};
const move = (by) => makeCurrent(criteria[Math.min(criteria.length - 1, Math.max(0, criteria.indexOf(current()) + by))], { focus: true });
const write = () => {
  showDesk("score");
  makeCurrent(current());
  $("textarea", current())?.focus();
};
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  e: write,
  q: () => quote(),
  a: toggleKey,
  u: undo,
  "[": () => step(-1),
  "]": () => step(1),
  "?": () => $("#shortcuts")?.showModal(),
};
for (const point of "01234") KEYS[point] = () => givePoint(point);

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || $("dialog:modal")) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.preventDefault();
    const button = $("[data-submit-scorecard]");
    return button?.click();
  }
  if (event.key === "Escape" && event.target.matches("textarea") && saver.contains(event.target)) {
    event.preventDefault();
    makeCurrent(event.target.closest(".criterion") ?? current(), { focus: true });
  }
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by && event.target.matches(".desk-work :is(.code, .ln)")) {
    event.preventDefault();
    stepLine(event.target, by);
  }
});
// app.js says when a single key was meant as one: not in a field or dialog, not switched off.
document.addEventListener("single-key", (event) => {
  const action = KEYS[event.detail];
  if (!action) return;
  event.preventDefault();
  action();
});

// --- pointer, focus, phone tabs

saver.addEventListener("click", (event) => {
  const criterion = event.target.closest(".criterion");
  if (criterion) makeCurrent(criterion);
  if (event.target.closest("[data-evidence-line]")) $("textarea", criterion)?.focus();
  const remove = event.target.closest("[data-unquote]");
  if (remove) {
    const before = quotesOf(criterion);
    const index = $$("[data-quote]", criterion).indexOf(remove.closest("[data-quote]"));
    setQuotes(criterion, before.filter((_, i) => i !== index));
    remember("Unquote", () => setQuotes(criterion, before));
    ($$("[data-unquote]", criterion)[index] ?? $("textarea", criterion)).focus();
  }
  if (event.target.closest("[data-quote-this]")) quote();
  if (event.target.closest("[data-key-toggle]")) toggleKey();
  const act = event.target.closest("[data-act]")?.dataset.act;
  if (act === "prev" || act === "next") step(act === "next" ? 1 : -1);
});
// By Tab only: a pointer press that grew the card would miss its own click.
saver.addEventListener("focusin", (event) => {
  const criterion = event.target.closest(".criterion");
  if (criterion && event.target !== criterion && event.target.matches(":focus-visible")) makeCurrent(criterion);
});
saver.addEventListener("autosave:apply", ({ detail }) => {
  const criterion = criteria.find((one) => $("[data-quotes]", one)?.dataset.field === detail.field);
  if (criterion) drawQuotes(criterion);
  refreshLines();
});
document.addEventListener("tab:shown", position);
undoBar?.addEventListener("click", (event) => event.target.closest("[data-undo]") && undo());

const showDesk = (name) => {
  $(".desk").dataset.tab = name;
  for (const tab of $$("[data-desk-tabs] [data-tab]")) {
    tab.setAttribute("aria-selected", tab.dataset.tab === name);
    tab.tabIndex = tab.dataset.tab === name ? 0 : -1;
  }
  position();
};
$("[data-desk-tabs]")?.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-tab]");
  if (tab) showDesk(tab.dataset.tab);
});

// One radio group, two places: the bar on a desk, the end of the list on a phone.
const phone = matchMedia("(max-width: 959px)");
const recommendation = $("[data-testid=recommendation]");
const bar = recommendation?.parentElement;
const beforeIt = recommendation?.nextElementSibling;
const place = () => {
  const home = $("[data-recommendation-home]");
  if (!recommendation || !home) return;
  if (phone.matches) home.append(recommendation);
  else bar.insertBefore(recommendation, beforeIt);
};
phone.addEventListener("change", place);
place();

// --- review and submit: the summary comes as a dialog; app.js shows what went wrong as for htmx

const form = $("#scorecard-form");
const tell = (name, detail, element = form) => element.dispatchEvent(new CustomEvent(`htmx:${name}`, { bubbles: true, detail }));
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  const xhr = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
  if (!xhr) return tell("sendError", { elt: form });
  if (!xhr.ok && xhr.status !== 422) return tell("responseError", { elt: form, xhr });
  $("#submit-dialog").outerHTML = await xhr.text();
  tell("load", {}, $("#submit-dialog"));
});

if (!criteria.some((one) => one.hasAttribute("aria-current"))) criteria[0]?.setAttribute("aria-current", "true");
await customElements.whenDefined("auto-save");
const more = $("[data-catch-module]")?.dataset.catchModule;
if (more) (await import(more)).start({ $, $$, saver, KEYS, remember, quote });
for (const criterion of criteria) if ($("[data-quotes]", criterion)) drawQuotes(criterion);
refreshLines();
position();
