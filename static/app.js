// On every page; loads the rest when its element is there.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const meta = (name) => $(`meta[name="${name}"]`)?.content ?? "";
const csrf = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? meta("csrf-token");

const modules = JSON.parse(meta("modules") || "{}");
const loadModules = () => {
  for (const [selector, url] of Object.entries(modules)) {
    if (!$(selector)) continue;
    delete modules[selector];
    import(url);
  }
};

const say = (text) => {
  const region = $("#said");
  if (!region) return;
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 50);
};

// --- theme

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.theme);
  } catch {
    root.dataset.storage = "none";
  }
});

// --- dialogs and menus

const openDialog = (dialog) => {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  $("[data-autofocus]", dialog)?.focus();
};
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog-open]");
  if (opener) {
    event.preventDefault();
    openDialog(document.getElementById(opener.dataset.dialogOpen));
  }
  if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog")?.close();
  for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  $("summary", menu).focus();
});

// --- keys of ordinary pages: data-key="n", data-key="mod+k", lists with data-list-keys

const typing = (target) => target.closest?.("textarea, select, [contenteditable], dialog, input:not([type=radio], [type=checkbox])");
const keysOff = () => {
  try {
    return localStorage.getItem("keys") === "off";
  } catch {
    return false;
  }
};
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey) return;
  const mod = event.ctrlKey || event.metaKey;
  const key = (mod ? "mod+" : "") + event.key.toLowerCase();
  if (!mod && (typing(event.target) || $("dialog:modal") || keysOff())) return;
  const target = $$("[data-key]").find((element) => element.dataset.key === key);
  if (target) {
    event.preventDefault();
    target.click();
    return;
  }
  if (mod) return;
  const taken = !document.dispatchEvent(new CustomEvent("single-key", { detail: event.key, cancelable: true }));
  if (taken) event.preventDefault();
  if (taken || (key !== "j" && key !== "k")) return;
  const rows = $$("[data-list-keys] [data-row]");
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement);
  rows[key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)].focus();
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-keys-switch]")) localStorage.setItem("keys", target.checked ? "on" : "off");
});

// --- tabs whose panels are all in the page

const showTab = (tab, { focus = false } = {}) => {
  for (const other of $$("[role=tab][aria-controls]", tab.closest("[role=tablist]"))) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", chosen);
    other.tabIndex = chosen ? 0 : -1;
    const panel = document.getElementById(other.getAttribute("aria-controls"));
    if (panel) panel.hidden = !chosen;
  }
  if (focus) tab.focus();
  tab.dispatchEvent(new CustomEvent("tab:shown", { bubbles: true }));
};
const setUpTabs = (root) => {
  for (const list of $$("[data-tabs]:not([data-ready])", root)) {
    list.dataset.ready = "";
    const first = $("[role=tab][aria-selected=true]", list) ?? $("[role=tab]", list);
    if (first) showTab(first);
  }
};
const showHash = () => {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const panel = target.closest("[role=tabpanel][hidden]");
  const tab = panel && $(`[role=tab][aria-controls="${panel.id}"]`);
  if (tab) showTab(tab);
  const fold = target.closest("details:not([open])");
  if (fold) fold.open = true;
  if (tab || fold) target.scrollIntoView({ block: "center" });
};
addEventListener("hashchange", showHash);
document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-tabs] [role=tab]");
  if (tab) showTab(tab);
});
document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[role=tablist] [role=tab]");
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -99, End: 99 }[event.key];
  if (!tab || !step) return;
  event.preventDefault();
  const all = $$("[role=tab]", tab.closest("[role=tablist]"));
  const rtl = Math.abs(step) === 1 && getComputedStyle(tab).direction === "rtl" ? -1 : 1;
  const next = all[Math.min(all.length - 1, Math.max(0, all.indexOf(tab) + step * rtl))];
  next.focus();
  next.click();
});

// --- copy, filters, logout

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const source = button.dataset.copyFrom && $(button.dataset.copyFrom);
  const words = $("#said").dataset;
  try {
    await navigator.clipboard.writeText(button.dataset.copy ?? source.value ?? source.textContent);
    say(words.copied);
    const label = [...button.childNodes].find((node) => node.nodeType === 3 && node.data.trim());
    if (!label || label.data === words.copied) return;
    const before = label.data;
    label.data = words.copied;
    setTimeout(() => (label.data = before), 2000);
  } catch {
    say(words.copyFailed);
    source?.select?.();
  }
});
document.addEventListener("change", (event) => {
  if (event.target.type !== "search" && event.target.type !== "text") event.target.closest("form[data-submit-on-change]")?.requestSubmit();
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-logout]")) return;
  const unsent = Object.keys(localStorage).some((key) => key.startsWith("draft1:") && JSON.parse(localStorage[key]).ops?.length);
  if (unsent && !confirm(event.target.dataset.ask)) event.preventDefault();
});

// --- the candidate's clock: the server's time, not the device's

class CountDown extends HTMLElement {
  static last = new Map(); // a clock that was swapped for a fresh one goes on where it was
  connectedCallback() {
    this.last = CountDown.last.get(this.id);
    this.skew = Date.parse(this.dataset.now) - Date.now();
    this.timer = setInterval(() => this.tick(), 5000);
    this.tick();
  }
  disconnectedCallback() {
    clearInterval(this.timer);
  }
  tick() {
    const ends = Date.parse(this.dataset.ends);
    const text = $("b", this);
    if (!ends || !text) return;
    const minutes = Math.ceil((ends - Date.now() - this.skew) / 60000);
    text.textContent = minutes > 0 ? this.dataset.wordsLeft.replace("#", minutes) : this.dataset.wordsOver;
    this.toggleAttribute("data-soon", minutes <= 10);
    if (this.last > minutes && (minutes === 10 || minutes === 2)) say(this.dataset.wordsSoon.replace("#", minutes));
    if (this.last > 0 && minutes <= 0) say(this.dataset.wordsOver);
    this.last = minutes;
    CountDown.last.set(this.id, minutes);
  }
}
customElements.define("count-down", CountDown);

// --- htmx glue: the only place that knows its event names

const problem = (kind) => {
  const box = $("#htmx-problem");
  if (!box) return;
  box.hidden = !kind;
  $("p", box).textContent = kind ? box.dataset[kind] : "";
};
const polls = (element) => /(^|,)\s*every /.test(element.getAttribute?.("hx-trigger") ?? "");
document.addEventListener("htmx:configRequest", ({ detail }) => (detail.headers["X-CSRFToken"] = csrf()));
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && polls(event.target)) event.preventDefault();
  else if (!polls(event.target)) problem("");
});
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (!polls(detail.elt)) problem(detail.xhr.status === 401 ? "signedOut" : "refused");
});
document.addEventListener("htmx:sendError", ({ detail }) => polls(detail.elt) || problem("offline"));
document.addEventListener("htmx:timeout", ({ detail }) => polls(detail.elt) || problem("offline"));
document.addEventListener("htmx:load", ({ target }) => {
  setUpTabs(target.parentElement ?? document);
  loadModules();
  if (target.matches("dialog[data-open]")) openDialog(target);
  else openDialog($("dialog[data-open]", target));
});
document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
  const trigger = detail.requestConfig?.elt;
  if (!trigger || polls(trigger) || $("dialog:modal")) return;
  const wanted = trigger.dataset.focusAfter && $(trigger.dataset.focusAfter);
  const swapped = target.isConnected ? target : document.getElementById(target.id);
  const inside = swapped?.matches("[data-autofocus]") ? swapped : swapped && $("[data-autofocus]", swapped);
  const id = trigger.id || detail.requestConfig.triggeringEvent?.submitter?.id;
  (inside ?? wanted ?? (id && document.getElementById(id)))?.focus();
  if (document.activeElement === document.body && swapped) {
    swapped.tabIndex = -1;
    swapped.focus();
  }
});

for (const box of $$("[data-keys-switch]")) box.checked = !keysOff();
setUpTabs(document);
loadModules();
showHash();
for (const dialog of $$("dialog[data-open]")) openDialog(dialog);
