// <ddl-editor>: SQL with a diagram that follows it. The textarea inside stays the field that is saved, submitted and filled by
// whoever drives the page; CodeMirror shows it, in a shadow root, where its styles are constructed sheets (CSP). It comes after the
// first paint; where it does not come, the textarea is the editor.
const WAIT = 500;
const ZOOM = [0.25, 0.35, 0.5, 0.7, 0.85, 1, 1.25, 1.5, 2];
const csrf = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? document.querySelector("meta[name=csrf-token]").content;
const LOOK = {
  "&": { height: "100%", backgroundColor: "var(--surface)", color: "var(--ink)", font: "13px/24px var(--mono)" },
  "&.cm-focused": { outline: "none" }, // the host has it: here the gutter would cover it
  ".cm-scroller": { font: "inherit", fontVariantLigatures: "none", overflow: "auto" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 16px 0 8px" },
  ".cm-content ::selection": { backgroundColor: "var(--accent-soft)", color: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--ink-3)", border: "0" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "38px", padding: "0 8px 0 4px" },
  ".cm-gutterElement.cm-wrong": { color: "var(--bad)", fontWeight: "600" },
  "& .cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", color: "inherit" },
  // CodeMirror's own mark is a picture in a data: address, which the CSP refuses.
  "& .cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad)", textUnderlineOffset: "4px" },
  "& .cm-lintPoint-error::after": { borderBottomColor: "var(--bad)" },
  "& .cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--ink)", border: "1px solid var(--control)", borderRadius: "4px", font: "13px/20px var(--sans)" },
  "& .cm-diagnostic-error": { borderInlineStart: "3px solid var(--bad)" },
};
const SHEET = ":host(:focus-within) { outline: 2px solid var(--accent) } [hidden] { display: none } .editor { block-size: 100% } .hint { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%) }";

class DdlEditor extends HTMLElement {
  connectedCallback() {
    if (this.source) return;
    this.source = this.querySelector("textarea");
    this.home = this.closest(".ddl");
    this.schema = this.home.querySelector(".schema");
    this.zoom = 0; // 0: as there is room, as long as it can be read
    // What the page came with is drawn already.
    this.drawn = this.source.defaultValue;
    this.whole = this.schema.dataset.whole !== undefined && Boolean(this.schema.querySelector(".erd svg"));
    this.source.addEventListener("input", () => this.changed());
    this.closest("auto-save")?.addEventListener("autosave:apply", ({ detail }) => detail.field === this.source.dataset.field && this.changed());
    this.home.addEventListener("click", (event) => this.press(event));
    addEventListener("online", () => this.draw());
    addEventListener("resize", () => this.scale());
    this.scale();
    requestAnimationFrame(() => setTimeout(() => this.mount().then(() => (this.mark(), this.changed()))));
  }

  // --- the editor

  async mount() {
    const cm = await import(this.dataset.editor);
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(SHEET);
    root.adoptedStyleSheets = [sheet];
    root.innerHTML = '<div class="editor"></div><p class="hint" id="hint"></p><slot></slot>';
    root.querySelector("#hint").textContent = this.dataset.hint;
    this.cm = cm;
    const colours = cm.HighlightStyle.define([
      { tag: [cm.tags.keyword, cm.tags.operatorKeyword], color: "var(--accent)" },
      { tag: [cm.tags.typeName, cm.tags.standard(cm.tags.name)], color: "var(--code-decorator)" },
      { tag: [cm.tags.string, cm.tags.special(cm.tags.string), cm.tags.number, cm.tags.bool, cm.tags.null], color: "var(--code-string)" },
      { tag: cm.tags.comment, color: "var(--ink-3)" },
    ]);
    this.view = new cm.EditorView({
      root,
      parent: root.querySelector(".editor"),
      state: cm.EditorState.create({
        doc: this.source.value,
        extensions: [
          cm.lineNumbers(),
          cm.history(),
          cm.sql({ dialect: cm.PostgreSQL }),
          cm.bracketMatching(),
          cm.syntaxHighlighting(colours),
          cm.EditorView.theme(LOOK),
          cm.keymap.of([...cm.defaultKeymap, ...cm.historyKeymap]), // no key for Tab: it leaves
          cm.EditorView.contentAttributes.of({ "aria-label": this.dataset.label, "aria-describedby": "hint", tabindex: "0", dir: "ltr", spellcheck: "false", autocapitalize: "off" }),
          cm.EditorView.updateListener.of((update) => update.docChanged && this.tell()),
          cm.EditorView.domEventHandlers({ blur: () => this.source.dispatchEvent(new Event("change", { bubbles: true })) }),
        ],
      }),
    });
    this.source.classList.add("visually-hidden");
    this.source.tabIndex = -1;
    this.source.setAttribute("aria-hidden", "true");
    // Whoever sends the focus to the field (a settled conflict, its label) means the editor.
    const hadFocus = document.activeElement === this.source;
    this.source.focus = () => this.view.focus();
    for (const label of this.source.labels) label.addEventListener("click", (event) => [event.preventDefault(), this.view.focus()]);
    if (hadFocus) this.view.focus();
    this.toggleAttribute("data-ready", true);
  }
  /** What was typed in the editor, as if typed in the field. */
  tell() {
    const text = this.view.state.doc.toString();
    if (text === this.source.value) return;
    this.source.value = text;
    this.source.dispatchEvent(new Event("input", { bubbles: true }));
  }
  /** The field has changed, by the editor, a driver of the page or a settled conflict. */
  changed() {
    const text = this.source.value;
    if (this.view && this.view.state.doc.toString() !== text) this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
    if (text === this.drawn) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.draw(), WAIT);
  }
  mark() {
    const { doc } = this.view?.state ?? {};
    if (!doc) return;
    const found = [...this.schema.querySelectorAll("[data-slot=errors] [data-line]")].filter(({ dataset }) => dataset.line <= doc.lines);
    const diagnostics = found.map((item) => {
      const line = doc.line(Number(item.dataset.line));
      const from = Math.min(line.from + Number(item.dataset.column) - 1, line.to);
      const word = /^\w+|^\S/.exec(doc.sliceString(from, line.to))?.[0].length ?? 0;
      return { from, to: from + word, severity: "error", message: item.querySelector("span").firstChild.data.trim() };
    });
    this.view.dispatch(this.cm.setDiagnostics(this.view.state, diagnostics));
  }

  // --- the diagram

  /** Asks for the diagram; a newer question takes the place of an older one. */
  async draw() {
    this.asking?.abort();
    this.asking = new AbortController();
    const text = this.source.value;
    let html = "";
    try {
      const response = await fetch(this.dataset.draw, { method: "POST", body: new URLSearchParams({ ddl: text }), signal: this.asking.signal, headers: { "X-CSRFToken": csrf() } });
      if (!response.ok || response.redirected) return;
      html = await response.text();
    } catch {
      return; // overtaken or offline: the diagram stays, and the save state says what is wrong
    }
    this.show(html);
    this.drawn = text;
  }
  show(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const fresh = template.content.querySelector(".schema");
    if (!fresh) return;
    const slot = (name, root = this.schema) => root.querySelector(`[data-slot=${name}]`);
    const whole = fresh.dataset.whole !== undefined;
    const keeps = !whole && this.whole;
    for (const name of keeps ? ["errors", "passed"] : ["errors", "passed", "erd", "text"]) {
      const [before, after] = [slot(name), slot(name, fresh)];
      // The same again is no news to whoever has it read aloud, and no reason to lose the place.
      if (before.innerHTML !== after.innerHTML) before.replaceChildren(...after.childNodes);
    }
    if (slot("kept")) [slot("kept").hidden, slot("partly").hidden] = [!keeps, keeps];
    if (!keeps) for (const words of this.home.querySelectorAll("[data-slot=words]")) words.textContent = slot("erd", fresh).dataset.words;
    // An empty text is whole too, and no diagram to keep.
    if (whole) this.whole = Boolean(this.schema.querySelector(".erd svg"));
    this.scale();
    this.mark();
  }
  scale() {
    const svg = this.schema.querySelector(".erd svg");
    if (!svg) return;
    const { width, height } = svg.viewBox.baseVal;
    const room = this.schema.querySelector(".erd").clientWidth - 32;
    const fit = Math.min(1, room > 0 ? room / width : 1);
    this.scaled = this.zoom === "fit" ? fit : this.zoom || Math.max(0.7, fit);
    svg.setAttribute("width", width * this.scaled);
    svg.setAttribute("height", height * this.scaled);
  }
  press({ target }) {
    const tab = target.closest("[role=tab]");
    if (tab) {
      this.home.dataset.show = tab.dataset.show;
      for (const other of tab.parentElement.children) {
        other.setAttribute("aria-selected", other === tab);
        other.tabIndex = other === tab ? 0 : -1;
      }
      this.scale();
    }
    const act = target.closest("[data-zoom]")?.dataset.zoom;
    if (!act) return;
    if (act === "fit") this.zoom = "fit";
    else this.zoom = act === "in" ? (ZOOM.find((step) => step > this.scaled + 0.01) ?? this.scaled) : (ZOOM.findLast((step) => step < this.scaled - 0.01) ?? this.scaled);
    this.scale();
  }
}

customElements.define("ddl-editor", DdlEditor);
