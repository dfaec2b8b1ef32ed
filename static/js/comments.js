// <line-comments data-file>: comments on lines of code. The gutter is one tab stop; arrows move inside it.
// A comment is saved through the <auto-save> around it as `comment:<uuid>` from the first letter on; null deletes it.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const clone = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
const lines = ({ start, end }) => (start === end ? `${start}` : `${start}–${end}`);

class LineComments extends HTMLElement {
  async connectedCallback() {
    await customElements.whenDefined("auto-save");
    if (this.ready) return;
    this.ready = true;
    this.saver = this.closest("auto-save");
    this.file = this.dataset.file ?? "";
    this.gutter = $$("button.ln", this);
    this.gutter.forEach((button, i) => (button.tabIndex = i ? -1 : 0));
    this.undoBar = $("[data-comment-undo]");
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("click", (event) => this.click(event));
    this.addEventListener("pointerdown", (event) => this.press(event));
    this.addEventListener("pointerover", (event) => this.drag(event));
    this.undoBar?.addEventListener("click", (event) => event.target.closest("[data-act=undo]") && this.undoBar.of === this && this.undo());
    document.addEventListener("click", (event) => this.walkFrom(event));
    this.saver.addEventListener("autosave:apply", ({ detail }) => this.applied(detail));
    for (const article of $$("[data-comment]", this)) this.saver.adopt(`comment:${article.dataset.comment}`, Number(article.dataset.rev), this.read(article));
    for (const [field, value] of this.saver.waiting) this.applied({ field, value });
    this.resume();
    this.refresh();
  }

  // --- lines and ranges

  line(number) {
    return $(`[data-line="${number}"]`, this);
  }
  numberOf(element) {
    return Number(element?.closest?.("[data-line]")?.dataset.line) || 0;
  }
  mark(range) {
    const { start, end } = range ?? {};
    for (const line of $$("[data-line]", this)) {
      const number = Number(line.dataset.line);
      line.classList.toggle("marked", number >= start && number <= end);
    }
  }
  range(from, to) {
    return { start: Math.min(from, to), end: Math.max(from, to) };
  }
  rove(button) {
    if (!button) return;
    for (const one of this.gutter) one.tabIndex = one === button ? 0 : -1;
    const fold = button.closest("details:not([open])");
    if (fold) fold.open = true;
    button.focus();
  }
  key(event) {
    const box = event.target.closest(".comment-form");
    if (box) return this.formKey(event, box);
    const at = this.gutter.indexOf(event.target);
    if (at < 0) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.gutter.length - 1, PageDown: at + 10, PageUp: at - 10 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = this.gutter[Math.min(this.gutter.length - 1, Math.max(0, to))];
    if (event.shiftKey) {
      this.from ??= this.numberOf(event.target);
      this.mark(this.range(this.from, this.numberOf(next)));
    } else {
      this.from = null;
      this.mark(this.openRange);
    }
    this.rove(next);
  }
  press(event) {
    const button = event.target.closest("button.ln");
    if (!button || event.button || event.pointerType === "touch" || event.shiftKey) return;
    this.dragging = this.numberOf(button);
    addEventListener("pointerup", ({ target }) => this.drop(target), { once: true });
  }
  drag(event) {
    const number = this.dragging && this.numberOf(event.target);
    if (!number) return;
    this.mark(this.range(this.dragging, number));
    if (number !== this.dragging) getSelection().removeAllRanges();
  }
  drop(target) {
    const from = this.dragging;
    const to = this.contains(target) ? this.numberOf(target) : 0;
    this.dragging = 0;
    // A press and release on one number is a click, and comes as one.
    if (to && to !== from) this.open(this.range(from, to));
    else if (!to) this.mark(this.openRange);
  }
  click(event) {
    const button = event.target.closest("button.ln");
    if (button) {
      const number = this.numberOf(button);
      const from = this.from ?? (event.shiftKey ? this.last : null) ?? number;
      const range = this.range(from, number);
      this.rove(button);
      this.open(range);
      return;
    }
    const act = event.target.closest("[data-act]")?.dataset.act;
    const article = event.target.closest("[data-comment]");
    if (act === "edit") this.open(this.read(article), article);
    if (act === "delete") this.remove(article);
  }

  // --- the form

  /** Half typed when the page went away: a form again. */
  resume() {
    const half = $("[data-draft]", this);
    if (half && !this.box) this.open(this.read(half), half, true);
  }
  open({ start, end }, article, again) {
    const range = { start, end };
    this.closeForm();
    this.from = null;
    this.last = range.start;
    const box = clone("comment-form-template");
    this.box = box;
    this.openRange = range;
    this.draft = { id: article?.dataset.comment ?? this.saver.newId(), before: article && !again ? this.read(article) : null };
    const text = $("[name=text]", box);
    this.nameRange();
    for (const radio of $$("[name=severity]", box)) {
      radio.checked = radio.value === (article?.dataset.severity ?? "major");
      radio.name = `severity-${this.draft.id}`;
    }
    if (article) $("[name=category]", box).value = article.dataset.category;
    text.value = article ? this.read(article).text : "";
    if (article) article.replaceWith(box);
    else this.after(range.end, box);
    this.mark(range);
    box.addEventListener("input", () => this.type());
    box.addEventListener("click", (event) => {
      const act = event.target.closest("[data-act]")?.dataset.act;
      if (act === "save") this.finish();
      if (act === "cancel") this.cancel();
      if (act === "more" || act === "less") this.stretch(act === "more" ? 1 : -1);
    });
    if (!again) text.focus();
  }
  nameRange() {
    const { start, end } = this.openRange;
    const title = $("[data-slot=title]", this.box);
    title.textContent = (start === end ? title.dataset.wordsOne : title.dataset.wordsMany).replace("#", lines(this.openRange));
    $("[data-act=less]", this.box).disabled = start === end;
    $("[data-act=more]", this.box).disabled = !this.line(end + 1);
  }
  /** A range without Shift or dragging: for fingers, and to mend one that is open. */
  stretch(by) {
    const range = { ...this.openRange, end: this.openRange.end + by };
    const focused = document.activeElement;
    this.openRange = range;
    this.after(range.end, this.box);
    this.mark(range);
    this.nameRange();
    if (focused.disabled) $("[name=text]", this.box).focus();
    else focused.focus();
    this.type();
  }
  after(number, element) {
    let spot = this.line(number);
    while (spot.nextElementSibling?.matches(".thread")) spot = spot.nextElementSibling;
    spot.after(element);
  }
  formKey(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      this.cancel();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.finish();
    }
  }
  typed() {
    const text = $("[name=text]", this.box).value;
    const severity = $("input[type=radio]:checked", this.box)?.value ?? "major";
    return { file: this.file, ...this.openRange, severity, category: $("[name=category]", this.box).value, text };
  }
  type() {
    const value = this.typed();
    if (!this.draft.before) value.draft = true;
    if (value.text.trim()) this.saver.save(`comment:${this.draft.id}`, value, { wait: 800 });
  }
  finish() {
    const value = this.typed();
    if (!value.text.trim()) return $("[name=text]", this.box).focus();
    this.saver.save(`comment:${this.draft.id}`, value);
    const article = this.draw(this.draft.id, value);
    this.box.replaceWith(article);
    this.forget();
    article.focus();
    return this.refresh();
  }
  cancel() {
    const { id, before } = this.draft;
    const value = this.typed();
    const range = this.openRange;
    this.saver.save(`comment:${id}`, before);
    if (before) {
      const article = this.draw(id, before);
      this.box.replaceWith(article);
      article.focus();
    } else {
      this.box.remove();
      this.rove($("button.ln", this.line(range.end)));
      if (value.text.trim()) this.offerUndo(id, value);
    }
    this.forget();
    this.refresh();
  }
  /** Another form opens: what was typed in this one stays, as a comment. */
  closeForm() {
    if (!this.box) return;
    if (this.typed().text.trim()) this.finish();
    else this.cancel();
  }
  forget() {
    this.box = this.draft = this.openRange = null;
    this.mark();
  }

  // --- saved comments

  read(article) {
    const { file = this.file, start, end, severity, category, draft } = article.dataset;
    return { file, start: Number(start), end: Number(end), severity, category, text: $("[data-slot=text]", article).textContent, draft: draft && true };
  }
  draw(id, value) {
    const article = clone("comment-template");
    const { start, end, severity, category, file } = value;
    Object.assign(article.dataset, { comment: id, start, end, severity, category, file, testid: `thread-${end}` });
    if (value.draft) article.dataset.draft = 1;
    article.id = `comment-${id}`;
    $("[data-slot=severity]", article).replaceWith(clone(`severity-${severity}`));
    const option = $(`option[value="${CSS.escape(category)}"]`, $("#comment-form-template").content);
    $("[data-slot=category]", article).textContent = option?.textContent ?? category;
    $("[data-slot=anchor]", article).textContent = `L${lines(value)}`;
    $("[data-slot=text]", article).textContent = value.text;
    return article;
  }
  remove(article) {
    const id = article.dataset.comment;
    const value = this.read(article);
    const all = $$("[data-comment]", this);
    const next = all[all.indexOf(article) + 1] ?? all[all.indexOf(article) - 1];
    this.saver.save(`comment:${id}`, null);
    article.remove();
    if (next) next.focus();
    else this.rove($("button.ln", this.line(value.end)));
    this.offerUndo(id, value);
    this.refresh();
  }
  offerUndo(id, value) {
    this.undone = { id, value };
    if (!this.undoBar) return;
    this.undoBar.of = this;
    this.undoBar.hidden = false;
    clearTimeout(this.undoTimer);
    this.undoTimer = setTimeout(() => (this.undoBar.hidden = true), 10000);
  }
  undo() {
    if (!this.undone) return;
    const { id, value } = this.undone;
    this.undone = null;
    this.undoBar.hidden = true;
    this.saver.save(`comment:${id}`, value);
    const article = this.draw(id, value);
    this.after(value.end, article);
    article.focus();
    this.refresh();
  }
  /** A draft from an earlier visit, or the other version after a conflict. */
  applied({ field, value }) {
    if (!field.startsWith("comment:")) return;
    const id = field.slice(8);
    const old = $(`[data-comment="${CSS.escape(id)}"]`, this);
    if (value && value.file !== this.file) return;
    if (old) old.remove();
    if (value && this.line(value.end)) this.after(value.end, this.draw(id, value));
    this.resume();
    this.refresh();
  }

  // --- "2 of 7", list, count

  walkFrom(event) {
    const act = event.target.closest("[data-act=prev], [data-act=next]");
    if (!this.contains(act)) return;
    const all = $$("line-comments [data-comment]");
    const by = act.dataset.act === "next" ? 1 : -1;
    const to = all.findIndex((one) => one.matches(".current")) + by;
    const rest = $$(`[data-elsewhere=${by > 0 ? "after" : "before"}] a`);
    if (rest.length && !all[to < -1 ? all.length - 1 : to]) return rest.at(by > 0 ? 0 : -1).click();
    const next = all.at(to < -1 ? -1 : to % (all.length || 1));
    if (!next) return;
    for (const one of all) one.classList.toggle("current", one === next);
    const home = next.closest("line-comments");
    const panel = home.closest("[hidden]");
    if (panel) $(`[aria-controls="${panel.id}"]`).click();
    if (!home.box) home.mark(this.read(next));
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "center" });
    this.position();
  }
  position() {
    const all = $$("line-comments [data-comment]");
    const at = all.findIndex((one) => one.matches(".current")) + 1;
    const before = $$("[data-elsewhere=before]").length;
    const total = all.length + $$("[data-elsewhere]").length;
    for (const slot of $$("[data-slot=position]")) slot.textContent = total ? slot.dataset.words.replace("#", at ? at + before : "–").replace("#", total) : "";
    return total;
  }
  refresh() {
    const total = this.position();
    const all = $$("line-comments [data-comment]");
    for (const count of $$("[data-comment-count]")) count.textContent = total;
    const list = $("[data-comment-list]");
    if (!list) return;
    const isOne = $$("line-comments").length === 1;
    const place = ({ dataset }) => `${isOne ? "" : `${dataset.file.split("/").pop()} `}L${lines(dataset)}`;
    list.replaceChildren(
      ...$$("[data-elsewhere=before]", list),
      ...all.map((article) => {
        const item = document.createElement("li");
        const anchor = Object.assign(document.createElement("a"), { className: "anchor", href: `#${article.id}`, textContent: place(article) });
        const words = Object.assign(document.createElement("span"), { className: "truncate grow small", textContent: $("[data-slot=text]", article).textContent });
        item.append(anchor, words);
        return item;
      }),
      ...$$("[data-elsewhere=after]", list),
    );
  }
}

customElements.define("line-comments", LineComments);
