// The wall of hits: a picture, where, when, how likely and why of each; sorted, grouped, filtered and paged here.

const WALL_PAGE = 24;
// Sightings of a camera that follow each other sooner are shown as one passage.
const PASSAGE_MS = 60000;
const SORTS = {
  likelihood: (a, b) => b.p - a.p || a.rank - b.rank,
  time: (a, b) => a.t - b.t || a.rank - b.rank,
  camera: (a, b) => (a.cam < b.cam ? -1 : a.cam > b.cam ? 1 : a.t - b.t),
};

class Wall {
  constructor(host, news, words, calls) {
    this.host = host; this.news = news; this.words = words; this.calls = calls;
    this.state = { sort: "likelihood", group: "none", page: 0, cameras: new Set(), span: null, marks: "all", open: null, selected: new Set() };
    this.bar = el("div", { class: "wall-bar" });
    this.grid = el("div", { class: "wall-grid", role: "listbox", "aria-label": words.wall, tabindex: 0 });
    this.pager = el("nav", { class: "wall-pager", "aria-label": words.pages });
    host.append(this.bar, this.grid, this.pager);
    news.on("hover", (id) => this._hover(id));
    news.on("camera", (id) => { this._toggle(id); });
    news.on("span", (span) => { this.state.span = span; this.state.page = 0; this.draw(); });
  }

  update(hits, ordered, of) {
    this.hits = hits;
    this.of = of ?? this.of;
    this.ordered = ordered;
    if (ordered && !this.touched) this.state.sort = ordered;
    this.draw();
  }

  /** Return the hits that pass the filters, in their order. */
  shown() {
    const { sort, cameras, span, marks } = this.state;
    return this.hits
      .filter((hit) => !cameras.size || cameras.has(hit.cam))
      .filter((hit) => !span || (hit.t >= span[0] && hit.t <= span[1]))
      .filter((hit) => marks === "all" || (hit.mark || "open") === marks)
      .sort(this.state.group === "passage" ? SORTS.camera : SORTS[sort]);
  }

  /** Draw the page; turning a page changes nothing for map and strip, and tells them nothing. */
  draw({ turned = false } = {}) {
    const shown = this.shown(), pages = Math.max(1, Math.ceil(shown.length / WALL_PAGE));
    this.state.page = Math.min(this.state.page, pages - 1);
    this.page = shown.slice(this.state.page * WALL_PAGE, (this.state.page + 1) * WALL_PAGE);
    this._bar(shown);
    this.grid.replaceChildren(...this._cells());
    if (!shown.length) this.grid.append(el("p", { class: "quiet" }, this.hits.length ? this.words.noneFilter : this.words.none));
    this._pager(shown.length, pages);
    if (!turned) this.news.tell("shown", shown);
  }

  open(id, { move = false } = {}) {
    this.state.open = id;
    for (const cell of this.grid.querySelectorAll(".cell")) cell.setAttribute("aria-selected", cell.dataset.id === id);
    if (move) this.grid.querySelector(`.cell[aria-selected="true"]`)?.scrollIntoView({ block: "nearest" });
    this.news.tell("open", id);
  }

  /** Go to the next hit, or the one before; past the page's end the page is turned. */
  step(by) {
    const shown = this.shown(), at = shown.findIndex((hit) => hit.id === this.state.open);
    const next = shown[Math.max(0, Math.min(shown.length - 1, at + by))];
    if (!next) return;
    const page = Math.floor(shown.indexOf(next) / WALL_PAGE);
    if (page !== this.state.page) { this.state.page = page; this.draw({ turned: true }); }
    this.open(next.id, { move: true });
  }

  select(id) {
    if (!this.state.selected.delete(id)) this.state.selected.add(id);
    this.draw();
  }

  _bar(shown) {
    const { words, state } = this, counts = new Map();
    this.hits.forEach((hit) => counts.set(hit.cam, (counts.get(hit.cam) || 0) + 1));
    const sort = el("select", { "aria-label": words.sort, onchange: (event) => this._set("sort", event.target.value) },
      ...Object.keys(SORTS).filter((name) => this.hits.some((hit) => hit.pct) || name !== "likelihood")
        .map((name) => el("option", { value: name, selected: name === state.sort }, words.sorts[name])));
    const camera = el("select", { "aria-label": words.camera, onchange: (event) => this._onlyCamera(event.target.value) },
      el("option", { value: "" }, state.cameras.size > 1 ? `${state.cameras.size} ${words.cameras}` : words.allCameras),
      ...[...counts].sort().map(([id, n]) => el("option", { value: id, selected: state.cameras.size === 1 && state.cameras.has(id) }, `${id} (${n})`)));
    const marks = el("select", { "aria-label": words.marks, onchange: (event) => this._set("marks", event.target.value) },
      ...["all", "open", "yes", "unsure", "no"].map((name) => el("option", { value: name, selected: name === state.marks }, words.markFilters[name])));
    const group = el("select", { "aria-label": words.group, onchange: (event) => this._set("group", event.target.value) },
      ...["none", "day", "passage"].map((name) => el("option", { value: name, selected: name === state.group }, words.groups[name])));
    const clear = state.span || state.cameras.size ? el("button", { type: "button", class: "link", onclick: () => this._clear() }, words.clear) : null;
    const chosen = state.selected.size ? el("span", { class: "quiet" }, words.selected.replace("{n}", state.selected.size)) : null;
    this.bar.replaceChildren(sort, camera, marks, group, clear || "", chosen || "", el("span", { class: "wall-count" }, this._count(shown)));
  }

  _count(shown) {
    const first = this.state.page * WALL_PAGE;
    if (!shown.length) return "0";
    const all = shown.length === this.hits.length && this.of > shown.length ? this.of : shown.length;
    return this.words.count.replace("{from}", first + 1).replace("{to}", first + this.page.length).replace("{n}", all.toLocaleString());
  }

  _cells() {
    if (this.state.group === "none") return this.page.map((hit) => this._cell(hit));
    const groups = [];
    let before = null;
    for (const hit of this.page) {
      if (!before || !this._together(before, hit)) {
        const name = this.state.group === "day" ? hit.day : `${hit.cam} · ${hit.day} ${hit.clock}`;
        groups.push(el("div", { class: "wall-group", role: "group", "aria-label": name }, el("div", { class: "wall-day", "aria-hidden": true }, name)));
      }
      groups.at(-1).append(this._cell(hit));
      before = hit;
    }
    return groups;
  }

  /** Tell whether two hits that follow each other are of one group: a day, or one passage of a camera. */
  _together(before, hit) {
    return this.state.group === "day" ? before.day === hit.day : before.cam === hit.cam && Math.abs(hit.t - before.t) < PASSAGE_MS;
  }

  _cell(hit) {
    const picture = hit.pic
      ? el("img", { src: hit.pic, loading: "lazy", decoding: "async", alt: `${hit.look}, ${hit.cam}, ${hit.day} ${hit.clock}` })
      : el("span", { class: "missing" }, this.words.noPicture);
    const strip = el("span", { class: "strip", "aria-hidden": true }, ...hit.evidence.map(({ llr }) => el("i", { class: side(llr), style: { opacity: strength(llr) } })));
    const cell = el("div", {
      class: `cell${hit.mark ? ` marked-${hit.mark}` : ""}${this.state.selected.has(hit.id) ? " selected" : ""}`,
      role: "option", "data-id": hit.id, "data-camera": hit.cam, "aria-selected": hit.id === this.state.open, title: hit.why,
      onclick: (event) => (event.metaKey || event.ctrlKey ? this.select(hit.id) : this.open(hit.id)),
      ondblclick: () => this.calls.goOn(hit.id),
      onmouseenter: () => this.news.tell("hover", hit.id), onmouseleave: () => this.news.tell("hover", null),
    }, el("span", { class: "cell-picture" }, picture, hit.pct ? el("span", { class: "rank" }, hit.rank) : null, hit.mark ? el("span", { class: `mark ${hit.mark}` }, this.words.verdicts[hit.mark]) : null),
    el("span", { class: "cell-line" }, el("b", {}, hit.cam), hit.pct ? el("span", { class: "pct" }, el("i", { style: { width: `${hit.p * 100}%` } }), el("b", {}, hit.pct)) : null),
    el("span", { class: "cell-line" }, el("time", { title: hit.moment }, el("span", {}, hit.day), " ", el("b", {}, hit.clock))),
    el("span", { class: "cell-line" }, hit.plate ? el("span", { class: "plate" }, hit.plate) : null, el("span", { class: "quiet" }, hit.look)),
    hit.evidence.length ? strip : null);
    return cell;
  }

  _pager(count, pages) {
    const { page } = this.state, go = (to) => { this.state.page = to; this.draw({ turned: true }); this.grid.scrollTop = 0; };
    this.pager.replaceChildren();
    if (pages < 2) return;
    const numbers = [...new Set([0, page - 1, page, page + 1, pages - 1])].filter((n) => n >= 0 && n < pages).sort((a, b) => a - b);
    this.pager.append(el("button", { type: "button", disabled: page === 0, onclick: () => go(page - 1), "aria-label": this.words.previous }, "‹"),
      ...numbers.flatMap((n, i) => [i && numbers[i - 1] < n - 1 ? "…" : "", el("button", { type: "button", "aria-current": n === page ? "page" : null, onclick: () => go(n) }, n + 1)]),
      el("button", { type: "button", disabled: page === pages - 1, onclick: () => go(page + 1), "aria-label": this.words.next }, "›"));
  }

  _set(name, value) {
    this.touched = true;
    Object.assign(this.state, { [name]: value, page: 0 });
    this.draw();
  }

  /** Show the hits of some cameras only. */
  onlyCameras(ids) {
    this.state.cameras = new Set(ids.filter((id) => this.hits.some((hit) => hit.cam === id)));
    this.state.page = 0;
    this.draw();
  }

  _onlyCamera(id) {
    this.state.cameras = new Set(id ? [id] : []);
    this.state.page = 0;
    this.draw();
  }

  _toggle(id) {
    if (!this.hits.some((hit) => hit.cam === id)) return;
    if (!this.state.cameras.delete(id)) this.state.cameras.add(id);
    this.state.page = 0;
    this.draw();
  }

  _clear() {
    Object.assign(this.state, { cameras: new Set(), span: null, page: 0 });
    this.news.tell("span", null);
  }

  _hover(id) {
    for (const cell of this.grid.querySelectorAll(".cell")) cell.classList.toggle("hovered", cell.dataset.id === id);
  }
}

const side = (llr) => (llr === null ? "none" : llr >= 0 ? "for" : "against");
const strength = (llr) => (llr === null ? 1 : 0.25 + 0.75 * Math.min(1, Math.abs(llr) / 6));
