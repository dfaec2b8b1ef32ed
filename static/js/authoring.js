// The editor of exercises: <line-marks data-file> fills the form of a new mark, and what the page says of the draft follows its saves.
// Adding and removing are plain posts; every field is saved by <auto-save>, also those of the mark that is not made yet.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const editor = $("[data-authoring]");
const form = $("[data-mark-form]");
const field = (name) => $(`[name=mark_${name}]`, form);
const type = (control, value) => {
  control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
};

let asked = 0;
const follow = () => {
  clearTimeout(asked);
  asked = setTimeout(async () => {
    const response = await fetch(editor.dataset.authoring, { credentials: "same-origin" }).catch(() => null);
    if (!response?.ok) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const part of $$("body > [id]", fresh)) document.getElementById(part.id)?.replaceWith(part);
  }, 400);
};
editor.addEventListener("autosave:saved", ({ detail }) => {
  for (const place of $$(`[data-shows="${CSS.escape(detail.field)}"]`)) place.textContent = detail.value;
  follow();
});

// A field in conflict is never folded away.
new MutationObserver(() => {
  for (const panel of $$("details:not([open]) .conflict", editor)) panel.closest("details").open = true;
}).observe(editor, { childList: true, subtree: true });

class LineMarks extends HTMLElement {
  connectedCallback() {
    this.gutter = $$("button.ln", this);
    this.file = this.dataset.file;
    this.addEventListener("keydown", (event) => this.key(event));
    this.addEventListener("click", (event) => this.click(event));
    this.addEventListener("pointerdown", (event) => this.press(event));
    this.addEventListener("pointerover", (event) => this.drag(event));
  }
  get here() {
    return form?.dataset.file === this.file;
  }
  numberOf(element) {
    return Number(element?.closest?.("[data-line]")?.dataset.line) || 0;
  }
  line(number) {
    return $(`[data-line="${number}"]`, this);
  }
  show(from, to) {
    for (const line of $$("[data-line]")) {
      const number = Number(line.dataset.line);
      line.classList.toggle("marked", this.contains(line) && number >= Math.min(from, to) && number <= Math.max(from, to));
    }
  }
  rove(number) {
    const button = $("button.ln", this.line(Math.min(this.gutter.length, Math.max(1, number))));
    for (const one of this.gutter) one.tabIndex = one === button ? 0 : -1;
    button.focus();
  }
  key(event) {
    if (!event.target.matches("button.ln") || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.numberOf(event.target);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, "+": at + 1, "-": at - 1, Home: 1, End: this.gutter.length, PageDown: at + 10, PageUp: at - 10 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.from = event.shiftKey || "+-".includes(event.key) ? (this.from ?? at) : null;
    this.rove(to);
    const now = this.numberOf(document.activeElement);
    this.show(this.from ?? now, now);
  }
  press(event) {
    const button = event.target.closest("button.ln");
    if (!button || event.button || event.pointerType === "touch" || event.shiftKey) return;
    this.dragging = this.numberOf(button);
    addEventListener("pointerup", ({ target }) => this.drop(target), { once: true });
  }
  drag(event) {
    const number = this.dragging && this.numberOf(event.target);
    if (!number || !this.contains(event.target)) return;
    this.show(this.dragging, number);
    if (number !== this.dragging) getSelection().removeAllRanges();
  }
  drop(target) {
    const from = this.dragging;
    const to = this.contains(target) ? this.numberOf(target) : 0;
    this.dragging = 0;
    // A press and release on one number is a click, and comes as one.
    if (to && to !== from) this.open(from, to);
  }
  click(event) {
    const button = event.target.closest("button.ln");
    if (!button) return;
    const number = this.numberOf(button);
    const from = this.from ?? (event.shiftKey && this.here ? range()[0] : number);
    this.open(from, number);
  }
  open(from, to) {
    this.from = null;
    type(field("file"), this.file);
    this.set(Math.min(from, to), Math.max(from, to));
    field("title").focus();
  }
  /** The form stands below the last line it speaks of. */
  set(first, last) {
    type(field("lines"), first === last ? `${first}` : `${first}-${last}`);
    this.place(first, last);
  }
  place(first, last) {
    form.dataset.file = this.file;
    form.hidden = false;
    this.line(last)?.after(form);
    this.show(first, last);
    for (const one of this.gutter) one.tabIndex = one === $("button.ln", this.line(last)) ? 0 : -1;
  }
}
customElements.define("line-marks", LineMarks);

const range = () => field("lines").value.split(/[-–,\s]+/).map(Number);
const owner = () => $(`line-marks[data-file="${CSS.escape(field("file").value)}"]`);
const back = () => {
  const [, last = 0] = range().length > 1 ? range() : [0, ...range()];
  const marks = owner();
  for (const name of ["lines", "title"]) type(field(name), "");
  form.hidden = true;
  marks?.show(0, -1);
  if (marks?.line(last)) marks.rove(last);
};
const stretch = (by) => {
  const [first, last = first] = range();
  const marks = owner();
  if (marks?.line(last + by) && last + by >= first) marks.set(first, last + by);
};
if (form) {
  form.addEventListener("click", ({ target }) => {
    const act = target.closest("[data-act]")?.dataset.act;
    if (act === "cancel") back();
    if (act === "more" || act === "less") stretch(act === "more" ? 1 : -1);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") back();
    else if (event.key === "Enter" && event.target.matches("input")) $("[data-act=mark]", form).click();
    else return;
    event.preventDefault();
  });
  // Begun on an earlier visit, or kept on this device: it goes on where it was.
  customElements.whenDefined("auto-save").then(() => {
    const [first, last = first] = range();
    if (!field("lines").value && !field("title").value) form.hidden = true;
    else if (owner()?.line(last)) owner().place(first, last);
    else form.dataset.file = "";
  });
}
