// <auto-save url owner>: every change goes to an outbox in localStorage first, then to the server in batches.
// One op per change: {field, value, base_rev, id, at, resolve?}. The server answers ok, conflict or invalid per op. A repeated id gets the same answer.
const PREFIX = "draft1:";
const KEEP_FOR = 14 * 24 * 3600 * 1000;
const TEXT_WAIT = 800;
const RETRY = [1, 2, 4, 8, 16, 30];
const KEEPALIVE_LIMIT = 60000;
const ICONS = { saved: "check", saving: "loader-circle", pending: "loader-circle", offline: "cloud-off", conflict: "split", error: "circle-alert", "signed-out": "lock" };
const LOUD = ["offline", "conflict", "error", "signed-out"];

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
// The cookie first: after a sign-in in another tab the token in this page is stale.
const csrf = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? meta("csrf-token");

const store = {
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(key))?.ops ?? [];
    } catch {
      return [];
    }
  },
  write(key, ops) {
    if (ops.length) localStorage.setItem(key, JSON.stringify({ at: Date.now(), ops }));
    else localStorage.removeItem(key);
  },
  dropOld() {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
      const at = JSON.parse(localStorage.getItem(key) ?? "{}").at ?? 0;
      if (Date.now() - at > KEEP_FOR) localStorage.removeItem(key);
    }
  },
};

class AutoSave extends HTMLElement {
  connectedCallback() {
    if (this.ops) return;
    this.url = this.getAttribute("url");
    this.key = `${PREFIX}${this.getAttribute("owner")}:${this.url}`;
    this.ops = [];
    this.mine = new Set(); // ids this page has seen, to tell another tab's ops from its own
    this.flying = new Set();
    this.conflicts = new Map();
    this.revs = new Map();
    this.known = new Map(); // what the server has, as far as this page knows
    this.trouble = "";
    this.tries = 0;
    for (const field of new Set(this.fields())) {
      const element = this.elements(field)[0];
      this.revs.set(field, Number(element.dataset.rev ?? 0));
      this.known.set(field, this.value(field));
    }
    this.addEventListener("input", (event) => this.changed(event, TEXT_WAIT));
    this.addEventListener("change", (event) => this.changed(event, 0));
    this.listen();
    this.announceTabs();
    this.restore();
    this.counts();
    this.show();
  }

  listen() {
    const retry = () => {
      if (this.sealed) return;
      this.tries = 0;
      if (!this.ops.length) this.trouble = "";
      this.flush();
    };
    addEventListener("online", retry);
    addEventListener("offline", () => this.fail("offline"));
    addEventListener("focus", () => this.trouble && retry());
    document.addEventListener("visibilitychange", () => document.hidden ? this.flush({ keepalive: true }) : this.trouble && retry());
    document.addEventListener("submit", (event) => this.submitting(event), true);
    document.addEventListener("click", (event) => event.target.closest("[data-autosave-retry]") && retry());
    addEventListener("beforeunload", (event) => {
      if (this.full && this.ops.length) event.preventDefault();
    });
  }

  // --- fields and values

  fields() {
    return [...this.querySelectorAll("[data-field]")].map((element) => element.dataset.field);
  }
  elements(field) {
    return [...this.querySelectorAll(`[data-field="${CSS.escape(field)}"]`)];
  }
  controls(field) {
    return this.elements(field).flatMap((element) => element.matches("input, textarea, select") ? [element] : [...element.querySelectorAll("input, textarea, select")]);
  }
  value(field) {
    const [element] = this.elements(field);
    if (element?.dataset.json !== undefined) return JSON.parse(element.dataset.json || "null");
    const controls = this.controls(field);
    const [first] = controls;
    if (!first) return this.known.get(field) ?? null;
    if (first.type === "radio") return controls.find((control) => control.checked)?.value ?? "";
    if (first.type !== "checkbox") return first.value;
    return controls.length > 1 ? controls.filter((control) => control.checked).map((control) => control.value) : first.checked;
  }
  apply(field, value) {
    const [element] = this.elements(field);
    if (element?.dataset.json !== undefined) element.dataset.json = JSON.stringify(value);
    for (const control of this.controls(field)) {
      if (control.type === "radio") control.checked = control.value === String(value ?? "");
      else if (control.type === "checkbox") control.checked = Array.isArray(value) ? value.includes(control.value) : Boolean(value);
      else control.value = value ?? "";
    }
    this.dispatchEvent(new CustomEvent("autosave:apply", { bubbles: true, detail: { field, value } }));
    this.counts();
  }
  latest(field) {
    return this.ops.findLast((op) => op.field === field);
  }
  /** The value a field has now: what waits to be sent, else what is saved. */
  current(field) {
    return this.latest(field)?.value ?? this.known.get(field) ?? null;
  }
  get waiting() {
    return new Map(this.ops.map((op) => [op.field, op.value]));
  }

  changed({ target, type }, wait) {
    const field = target.closest?.("[data-field]")?.dataset.field;
    if (!field) return;
    const choice = target.matches("select, [type=radio], [type=checkbox]");
    if (choice && type === "change" && same(this.value(field), this.current(field))) return;
    this.save(field, this.value(field), { wait: choice ? 0 : wait });
  }

  /** Keeps the value on this device at once and sends it soon. Null deletes. */
  save(field, value, { wait = 0 } = {}) {
    const last = this.latest(field);
    if (!same(value, last ? last.value : this.known.get(field))) this.keep(field, value, last);
    this.counts();
    this.show();
    // A blur sends now what the debounce still holds back; a field in conflict waits for its person.
    if (!this.conflicts.has(field)) this.soon(wait);
  }
  keep(field, value, last) {
    const conflict = this.conflicts.get(field);
    if (conflict) {
      Object.assign(last, { value, at: new Date().toISOString() });
      conflict.panel.querySelector("[data-slot=mine]").textContent = text(value);
    } else {
      if (last && (!last.sent || last.held)) this.ops.splice(this.ops.indexOf(last), 1);
      this.ops.push(this.op(field, value));
      this.note(field, "");
    }
    this.persist();
  }
  /** A field that is no control: its revision and value as the page shows them. */
  adopt(field, rev, value) {
    if (this.revs.has(field)) return;
    this.revs.set(field, rev);
    this.known.set(field, value);
  }
  newId() {
    // randomUUID needs a secure context; a self-hosted tool may stand on plain http inside a network.
    return crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
  }
  op(field, value, more = {}) {
    const op = { field, value, base_rev: this.revs.get(field) ?? Number(this.elements(field)[0]?.dataset.rev ?? 0), id: this.newId(), at: new Date().toISOString(), ...more };
    this.mine.add(op.id);
    return op;
  }
  persist() {
    const others = store.read(this.key).filter((op) => !this.mine.has(op.id));
    try {
      store.write(this.key, [...others, ...this.ops]);
      this.full = false;
    } catch {
      this.full = true;
    }
  }

  /** What an earlier page could not send: shown again, and sent; the server tells when it has moved on. */
  restore() {
    try {
      store.dropOld();
    } catch {
      return;
    }
    for (const op of store.read(this.key)) {
      this.mine.add(op.id);
      delete op.held;
      this.ops.push(op);
    }
    for (const field of new Set(this.ops.map((op) => op.field))) {
      const { value } = this.latest(field);
      if (same(value, this.known.get(field))) this.ops = this.ops.filter((op) => op.field !== field);
      else this.apply(field, value);
    }
    this.persist();
    if (this.ops.length) this.soon(0);
  }

  // --- sending

  soon(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), wait);
  }
  batch() {
    const taken = new Set(this.ops.filter((op) => this.flying.has(op.id)).map((op) => op.field));
    const ops = [];
    for (const op of this.ops) {
      if (!taken.has(op.field) && !op.held) ops.push(op);
      taken.add(op.field);
    }
    return this.oneByOne ? ops.slice(0, 1) : ops;
  }
  async flush({ keepalive = false } = {}) {
    clearTimeout(this.timer);
    if (this.sealed || (this.flying.size && !keepalive)) return;
    const ops = this.batch();
    if (!ops.length) return this.show();
    const body = JSON.stringify({ ops: ops.map(({ sent, held, ...op }) => op) });
    if (keepalive && body.length > KEEPALIVE_LIMIT) return;
    for (const op of ops) {
      op.sent = true;
      this.flying.add(op.id);
    }
    this.persist();
    this.show();
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf(), "X-Autosave": "1", Accept: "application/json" };
    const response = await fetch(this.url, { method: "POST", body, keepalive, credentials: "same-origin", headers }).catch(() => null);
    await this.answered(response, ops);
    for (const op of ops) this.flying.delete(op.id);
    this.persist();
    this.show();
    if (!this.trouble && this.batch().length) this.soon(0);
  }
  async answered(response, ops) {
    if (!response) return this.fail("offline");
    if (response.status === 401 || response.redirected) return this.fail("signed-out");
    if (response.status === 409) return this.seal(response);
    if (response.status === 413) return this.tooLarge(ops);
    const json = response.ok && (await response.json().catch(() => null));
    if (!json?.answers) return this.fail("error");
    this.trouble = "";
    this.tries = 0;
    for (const answer of json.answers) this.take(answer);
  }
  take(answer) {
    const op = this.ops.find((one) => one.id === answer.id);
    if (!op) return;
    const { field } = op;
    if (answer.status === "ok") {
      this.ops.splice(this.ops.indexOf(op), 1);
      this.rebase(field, answer.rev, op.value);
      this.dispatchEvent(new CustomEvent("autosave:saved", { bubbles: true, detail: { field, value: op.value, rev: answer.rev } }));
    } else if (answer.status === "conflict") this.collide(field, answer);
    else {
      op.held = true;
      this.note(field, answer.message ?? "");
    }
  }
  rebase(field, rev, value) {
    this.revs.set(field, rev);
    this.known.set(field, value);
    for (const element of this.elements(field)) element.dataset.rev = rev;
    for (const later of this.ops) if (later.field === field && !later.sent) later.base_rev = rev;
  }
  fail(kind) {
    this.trouble = this.ops.length || kind === "offline" ? kind : "";
    const wait = RETRY[Math.min(this.tries++, RETRY.length - 1)];
    if (this.ops.length) this.soon(wait * 1000);
    this.show();
  }
  async seal(response) {
    this.sealed = true;
    this.trouble = "error";
    const json = await response.json().catch(() => null);
    this.detail = json?.detail;
  }
  tooLarge(ops) {
    if (ops.length === 1) {
      ops[0].held = true;
      this.note(ops[0].field, this.status?.dataset.wordsError.replace("#", 1) ?? "");
    }
    this.oneByOne = true;
  }
  /** One sentence under a field the server would not take. */
  note(field, message) {
    const id = `invalid-${field}`;
    document.getElementById(id)?.remove();
    if (!message) return;
    const line = Object.assign(document.createElement("p"), { id, className: "error", textContent: message });
    line.dataset.testid = id;
    this.place(field, line);
  }
  place(field, element) {
    const at = this.elements(field)[0] ?? this.querySelector(`[data-comment="${CSS.escape(field.replace(/^comment:/, ""))}"]`);
    const home = at?.closest(".points, .segments, .evidence, .field, .thread") ?? at;
    if (home) home.after(element);
    else this.prepend(element);
  }

  // --- two versions: a person decides

  collide(field, { theirs, rev, by, at }) {
    const mine = this.latest(field).value;
    this.ops = this.ops.filter((op) => op.field !== field);
    if (same(mine, theirs)) return this.rebase(field, rev, theirs);
    const held = this.op(field, mine, { held: true });
    this.ops.push(held);
    this.conflicts.get(field)?.panel.remove();
    const template = document.getElementById("conflict-template");
    const panel = template.content.firstElementChild.cloneNode(true);
    panel.dataset.testid = `conflict-${field}`;
    const when = at && new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    const slots = { label: this.label(field), when: [when, by].filter(Boolean).join(" · "), mine: text(mine), theirs: text(theirs) };
    for (const [name, words] of Object.entries(slots)) panel.querySelector(`[data-slot=${name}]`).textContent = words;
    panel.addEventListener("click", (event) => this.decide(field, event.target.closest("[data-act]")?.dataset.act));
    this.conflicts.set(field, { theirs, rev, panel });
    this.place(field, panel);
  }
  async decide(field, act) {
    const { theirs, rev, panel } = this.conflicts.get(field) ?? {};
    const mine = this.latest(field)?.value;
    if (act?.startsWith("copy")) return navigator.clipboard.writeText(text(act === "copy-mine" ? mine : theirs));
    if (!act) return;
    const before = panel.previousElementSibling;
    this.conflicts.delete(field);
    this.ops = this.ops.filter((op) => op.field !== field);
    this.rebase(field, rev, theirs);
    if (act === "mine") this.ops.push(this.op(field, mine, { resolve: true }));
    else this.apply(field, theirs);
    panel.remove();
    const control = this.controls(field)[0] ?? before;
    control?.focus();
    this.persist();
    this.show();
    this.soon(0);
  }
  label(field) {
    const control = this.controls(field)[0] ?? this.elements(field)[0];
    const by = control?.getAttribute("aria-labelledby") ?? control?.closest("[aria-labelledby]")?.getAttribute("aria-labelledby");
    const label = control?.labels?.[0] && control.type !== "radio" ? control.labels[0] : by && document.getElementById(by.split(" ")[0]);
    return label?.textContent.trim() ?? field;
  }

  // --- submit

  get settled() {
    return !this.ops.length && !this.conflicts.size;
  }
  submitting(event) {
    const form = event.target;
    if (!this.contains(form) && !form.contains(this) && form.dataset.needsSaved === undefined) return;
    if (form.method === "get") return;
    if (!this.settled && !this.sealed) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.later(form, event.submitter);
      return;
    }
    if (!form.elements.revisions) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "revisions" }));
    form.elements.revisions.value = JSON.stringify(Object.fromEntries(this.revs));
    if (this.settled) localStorage.removeItem(this.key);
  }
  async later(form, submitter) {
    this.flush();
    for (let i = 0; i < 50 && !this.settled && !this.trouble && !this.conflicts.size; i++) await new Promise((done) => setTimeout(done, 100));
    if (this.settled) form.requestSubmit(submitter?.isConnected ? submitter : undefined);
    else this.announce(this.status?.dataset.wordsWait);
  }

  // --- what it says

  get status() {
    return document.querySelector("[data-testid=save-state]");
  }
  get state() {
    if (this.conflicts.size) return "conflict";
    if (this.trouble) return this.trouble;
    if (this.ops.some((op) => op.held)) return "error";
    if (this.flying.size) return "saving";
    return this.ops.length ? "pending" : "saved";
  }
  show() {
    const { state, status } = this;
    const count = new Set(this.ops.map((op) => op.field)).size;
    const banner = document.querySelector("[data-offline-banner]");
    if (banner) banner.hidden = state !== "offline";
    if (!status) return;
    const words = status.dataset;
    let said = status.getAttribute(`data-words-${state}`).replace("#", count);
    if (state === "offline" && count === 1) said = words.wordsOfflineOne;
    if (this.sealed) said = this.detail ?? words.wordsSealed;
    if (this.full && count) said = words.wordsQuota;
    const before = words.state;
    words.state = state;
    status.querySelector("use")?.setAttribute("href", `${meta("icons")}#${ICONS[state]}`);
    const span = status.querySelector("span");
    if (span.textContent !== said) span.textContent = said;
    if (before !== state && LOUD.includes(state)) this.live(said);
    if (state === "saved" && this.wasLoud) this.live(said);
    if (state === "saved" || LOUD.includes(state)) this.wasLoud = LOUD.includes(state);
  }
  live(words) {
    const region = document.querySelector("[data-save-live]");
    if (region && words) region.textContent = words;
  }
  announce(words) {
    this.live(words);
    this.notice("wait", words);
  }
  notice(name, words) {
    document.querySelector(`[data-notice=${name}]`)?.remove();
    if (!words) return;
    const box = Object.assign(document.createElement("div"), { className: "banner warn", innerHTML: "<p></p>" });
    box.dataset.notice = box.dataset.testid = name;
    box.setAttribute("role", "status");
    box.firstElementChild.textContent = words;
    this.prepend(box);
    if (name === "wait") setTimeout(() => box.remove(), 10000);
  }
  counts() {
    const count = (prefix, is) =>
      new Set(this.fields().filter((field) => field.startsWith(prefix) && (is ? this.value(field) === is : String(this.value(field) ?? "") !== ""))).size;
    for (const element of document.querySelectorAll("[data-count-of]")) element.textContent = count(element.dataset.countOf, element.dataset.countIs);
    for (const steps of document.querySelectorAll("[data-steps-of]")) {
      const done = count(steps.dataset.stepsOf);
      [...steps.children].forEach((step, i) => step.classList.toggle("done", i < done));
    }
  }
  announceTabs() {
    const channel = new BroadcastChannel(this.key);
    channel.onmessage = ({ data }) => {
      if (data === "hello") channel.postMessage("here");
      this.notice("two-tabs", data === "bye" ? "" : this.status?.dataset.wordsTabs);
    };
    channel.postMessage("hello");
    addEventListener("pagehide", () => channel.postMessage("bye"));
  }
}

const text = (value) => (typeof value === "string" ? value : Array.isArray(value) ? value.map((one) => one?.text ?? one).join("\n") : (value?.text ?? String(value ?? "–")));

customElements.define("auto-save", AutoSave);
