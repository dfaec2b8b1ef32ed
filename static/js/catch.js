// The catch matrix: which comment is which flaw. Suggested by the server, confirmed here; screening/queries/catches.py counts alike.
export const start = ({ $, $$, saver, KEYS, remember, quote }) => {
  const items = $$(".key-item").filter((item) => $("[type=radio]", item));
  const flaws = items.filter((item) => item.dataset.weight);
  const marks = $$("[data-mark]");
  const words = $("#mark-template").dataset;
  const menu = $("#mark-template").content.firstElementChild?.cloneNode(true);
  const codes = new Map($$(".key-item").map((item) => [item.dataset.item, item.dataset.code]));
  const loose = new Map($$("[data-loose]").map((row) => [row.dataset.loose, row]));
  const SHARE = { found: 1, partly: 0.5 };

  const radios = (item) => $$("[type=radio]", item);
  const boxes = (item) => $$(".catch [type=checkbox]", item);
  const links = (item) => $$(".catch-line :checked", item).map((box) => box.value);
  const verdict = (item) => radios(item).find((radio) => radio.checked)?.value ?? "";
  const alarm = (mark) => JSON.parse(mark.dataset.json || "null") ?? "";
  const read = () => ({
    items: items.map((item) => [verdict(item), boxes(item).filter((box) => box.checked).map((box) => box.value)]),
    marks: marks.map(alarm),
  });
  const save = (field, value) => {
    if (JSON.stringify(saver.current(field) ?? "") !== JSON.stringify(value ?? "")) saver.save(field, value);
  };
  const write = (state) => {
    items.forEach((item, i) => {
      const [said, on] = state.items[i];
      for (const radio of radios(item)) radio.checked = radio.value === said;
      for (const box of boxes(item)) box.checked = on.includes(box.value);
      save(radios(item)[0].dataset.field, said);
      const list = $(".catch", item)?.dataset.field;
      if (list) save(list, saver.value(list));
    });
    marks.forEach((mark, i) => {
      mark.dataset.json = JSON.stringify(state.marks[i] || null);
      save(mark.dataset.field, state.marks[i]);
    });
    refresh();
  };
  const change = (act) => {
    const before = read();
    act();
    write(read());
    remember("Flaw", () => write(before));
  };

  // --- what a comment is

  const say = (item, value) => {
    for (const radio of radios(item)) radio.checked = radio.value === value;
    if (SHARE[value] && !links(item).length) for (const box of $$(".suggested [type=checkbox]", item).slice(0, 1)) box.checked = true;
  };
  const setAlarm = (id, value) => {
    const mark = marks.find((one) => one.dataset.mark === id);
    if (mark) mark.dataset.json = JSON.stringify(value || null);
  };
  const link = (item, id) => {
    let box = boxes(item).find((one) => one.value === id);
    if (!box) {
      const line = $("#catch-line-template").content.firstElementChild.cloneNode(true);
      const thread = document.getElementById(`comment-${id}`);
      const anchor = $(".anchor", line);
      const file = $$(".code[data-file]").length > 1 ? `${thread.dataset.file.split("/").pop()} ` : "";
      box = $("input", line);
      box.value = id;
      box.name = $(".catch", item).dataset.field;
      box.setAttribute("aria-label", `${item.dataset.code}, ${file}${$(".anchor", thread).textContent}`);
      anchor.href = `#comment-${id}`;
      anchor.textContent = file + $(".anchor", thread).textContent;
      $(".truncate", line).textContent = $("[data-slot=text]", thread).textContent;
      $(".catch-right", item).before(line);
    }
    box.checked = true;
    if (!SHARE[verdict(item)]) say(item, "found");
    setAlarm(id, "");
  };
  const unlink = (id) => {
    for (const box of flaws.flatMap(boxes)) if (box.value === id) box.checked = false;
  };
  const mark = (id, as) => {
    const item = items.find((one) => one.dataset.item === as);
    if (item) return link(item, id);
    unlink(id);
    setAlarm(id, as.replace("alarm:", ""));
  };

  // --- what it adds up to

  const put = (name, value) => {
    const slot = document.getElementById(`sum-${name}`);
    if (slot) slot.textContent = value;
  };
  const percent = (got, of) => (of ? `${Math.floor((100 * got) / of + 0.5)} %` : "–");
  const refresh = () => {
    const told = flaws.map(verdict);
    const count = (value) => told.filter((one) => one === value).length;
    const weights = flaws.map((item) => Number(item.dataset.weight));
    const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
    const caught = flaws.filter((_, i) => SHARE[told[i]]);
    const claimed = new Set(caught.flatMap(links));
    const hits = claimed.size + caught.filter((item) => !links(item).length).length;
    let alarms = 0;
    for (const one of marks) {
      const id = one.dataset.mark;
      const claims = caught.filter((item) => links(item).includes(id)).map((item) => item.dataset.code);
      const as = alarm(one);
      if (as && as !== "fine" && !claims.length) alarms++;
      const guess = flaws.filter((item) => $$(".suggested [type=checkbox]", item).some((box) => box.value === id)).map((item) => `${item.dataset.code}?`);
      one.textContent = claims.join(" ") || (as === "fine" ? words.wordsFine : as ? `${words.wordsAlarm} ${codes.get(as) ?? ""}` : guess.join(" "));
      one.hidden = !one.textContent;
      one.classList.toggle("suggested", !claims.length && !as);
      const row = loose.get(id);
      if (row) for (const radio of radios(row)) radio.checked = as && (radio.value === "fine") === (as === "fine");
    }
    for (const line of $$(".catch-line.suggested, .catch-line.confirmed")) {
      const on = $("input", line).checked;
      line.classList.toggle("suggested", !on);
      line.classList.toggle("confirmed", on);
    }
    const judged = told.filter(Boolean).length;
    put("recall", percent(sum(told.map((one, i) => weights[i] * (SHARE[one] ?? 0))), judged && sum(weights)));
    put("found", count("found"));
    put("partly", count("partly"));
    put("open", flaws.length - judged);
    put("precision", percent(hits, hits + alarms));
    put("hits", hits);
    put("claims", hits + alarms);
  };

  // --- keys, clicks, the menu of the comment in focus

  const quoteSum = () => {
    const text = $("#catch-sum")?.textContent.trim();
    if (text) quote({ anchor: $("#key-title").textContent, text });
  };
  const markFlaw = () => {
    const item = document.activeElement.closest?.(".key-item") ?? items.find((one) => !verdict(one)) ?? items[0];
    const all = item && radios(item);
    if (!all?.length) return;
    const next = all[(all.findIndex((radio) => radio.checked) + 1) % all.length];
    change(() => say(item, next.value));
    next.focus();
  };
  const bring = (thread) => {
    if (menu && thread && menu.closest(".thread") !== thread) {
      menu.open = false;
      $(".thread-head .end", thread).prepend(menu);
    }
  };
  const openMenu = () => {
    const thread = document.activeElement.closest?.(".thread") ?? $(".desk-work .thread.current");
    if (!menu || !thread) return;
    bring(thread);
    menu.open = true;
    $("button", menu).focus({ preventScroll: true });
    thread.scrollIntoView({ block: "center" });
  };
  Object.assign(KEYS, { f: markFlaw, r: quoteSum, m: openMenu });
  saver.addEventListener("focusin", ({ target }) => bring(target.closest(".thread")));
  saver.addEventListener("click", ({ target }) => {
    if (target.closest("[data-quote-sum]")) quoteSum();
    bring(target.closest(".thread"));
    const as = target.closest("[data-as]")?.dataset.as;
    if (as === undefined) return;
    const thread = menu.closest(".thread");
    change(() => mark(thread.id.replace("comment-", ""), as));
    menu.open = false;
    thread.focus();
  });
  menu?.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const all = $$("button", menu);
    all[(all.indexOf(document.activeElement) + by + all.length) % all.length]?.focus();
  });
  $("#answer-key").addEventListener("change", ({ target }) => {
    const row = target.closest("[data-loose]");
    const item = target.closest(".key-item");
    if (row) setAlarm(row.dataset.loose, target.value);
    else if (item && target.type === "radio") say(item, target.value);
    else if (item && target.checked && target.closest(".catch-line")) link(item, target.value);
    else if (!item) return;
    write(read());
  });
  // Another version was taken, or what an earlier page could not send came back.
  saver.addEventListener("autosave:apply", refresh);
  refresh();
};
