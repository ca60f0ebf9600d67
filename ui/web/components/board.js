// The board: wall, map, inspector and time strip beside each other, sharing what is hovered, open and filtered.

class Board {
  constructor(root, words) {
    this.news = newsLine();
    this.words = words;
    const part = (name) => root.appendChild(el("section", { class: name, "aria-label": words.parts[name] }));
    this.root = root;
    this.tabs = root.appendChild(el("nav", { class: "phone-tabs" }));
    const calls = {
      mark: (ids, verdict) => this._mark(ids, verdict), choose: (id) => this.wall.open(id, { move: true }),
      goOn: (id) => this.tell("go_on", { id }),
    };
    this.calls = calls;
    this.wall = new Wall(part("wall"), this.news, words, calls);
    this.map = new RoadMap(part("map"), {
      words, onCamera: (id) => this.news.tell("camera", id), onHit: (id) => calls.choose(id), onHover: (id) => this.news.tell("hover", id), onLasso: (ids) => this._lasso(ids),
    });
    this.inspector = new Inspector(part("inspector"), words, calls);
    const below = part("time-strip");
    this.scrub = new Scrub(below, words, (moment, area) => { this.strip.now(moment); if (area !== undefined) this.map.update({ area }); });
    this.strip = new TimeStrip(below, this.news, words);
    this.help = root.appendChild(this._help());
    this.spoken = root.appendChild(el("div", { class: "spoken", role: "status", "aria-live": "polite", "aria-atomic": "true" }));
    this.news.on("open", (id) => { this.inspector.show(this.data.hits.find((hit) => hit.id === id) || null); this.map.update({ open: id }); if (id) this._phone("inspector"); });
    this.news.on("hover", (id) => this.map.update({ hoveredHit: id }));
    this.news.on("choose", (id) => calls.choose(id));
    this.news.on("shown", (shown) => this.map.update({ hits: this.data.listing || !shown[0]?.pct ? shown : [...shown].sort((a, b) => b.p - a.p).slice(0, 60) }));
    this._phone("wall");
    this.keys = (event) => this._key(event);
  }

  /** Show data of the server; `untold` is what was done here and had not been heard when it was made. */
  update(data, tell, untold) {
    this.tell = tell;
    document.addEventListener("keydown", this.keys);
    const fresh = !this.data || this.data.key !== data.key;
    this.data = data;
    for (const { name, value } of untold) if (name === "mark") this._showMark(value);
    this.root.classList.toggle("busy", Boolean(data.busy));
    this._speak(data.spoken || "");
    if (fresh) { this.wall.state = { ...this.wall.state, page: 0, cameras: new Set(), span: null, open: null, selected: new Set() }; this.inspector.hit = null; this.inspector.tab = "story"; this.map.view = null; this.map.moved = false; }
    this.map.update({ cameras: data.cameras, route: data.route, stops: data.stops, ...(this.scrub.moment && !fresh ? {} : { area: data.area }), asked: data.place, roads: data.roads });
    this.strip.update({ hits: data.hits, gaps: data.gaps, windows: data.windows, asked: data.time, cameras: data.lanes, ticks: data.ticks, span: data.span });
    if (fresh) this.strip.now(data.now);
    this.scrub.update({ passes: data.listing ? [] : data.passes, span: data.span, zone: data.zone, fresh });
    this.inspector.update(data);
    this.wall.update(data.hits, data.sort, data.of);
    if (data.open && data.open !== this.opened && data.hits.some((hit) => hit.id === data.open)) { this.opened = data.open; this.wall.open(data.open); }
    else if (this.wall.state.open) this.wall.open(this.wall.state.open);
  }

  /** Announce how far the search is: the region stays the same element, for only changes inside one are read out. */
  _speak(text) {
    setTimeout(() => { if (this.spoken.textContent !== text) this.spoken.textContent = text; }, 100);
  }

  /** Take the cameras inside a drawn area: the page filters by them where it can, else the wall does. */
  _lasso(ids) {
    if (this.data.takesLasso) this.tell("lasso", { ids });
    else this.wall.onlyCameras(ids);
  }

  /** Show the mark at once; the server ranks again and sends what follows from it. */
  _mark(ids, verdict) {
    const mark = { case: this.data.case, ids, verdict };
    if (mark.case !== null) {
      this._showMark(mark);
      this.wall.state.selected = new Set();
      this.wall.update(this.data.hits);
      this.inspector.update(this.data);
    }
    this.tell("mark", mark);
  }

  _showMark(mark) {
    if (mark.case !== this.data.case) return;
    this.data.hits = this.data.hits.map((hit) => (mark.ids.includes(hit.id) ? { ...hit, mark: mark.verdict } : hit));
  }

  /** Take a key; a board that has left the page listens no more. */
  _key(event) {
    if (!this.root.isConnected) return document.removeEventListener("keydown", this.keys);
    if (typesText(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const { wall } = this, open = wall.state.open, marked = wall.state.selected.size ? [...wall.state.selected] : open ? [open] : [];
    const actions = {
      j: () => wall.step(1), k: () => wall.step(-1), Enter: () => open && this.inspector.show(this.data.hits.find((hit) => hit.id === open)),
      y: () => marked.length && this._mark(marked, "yes"), n: () => marked.length && this._mark(marked, "no"), u: () => marked.length && this._mark(marked, "unsure"),
      g: () => open && this.calls.goOn(open), " ": () => this.inspector.playClip(), x: () => open && wall.select(open),
      "/": () => document.querySelector(".st-key-search_text input")?.focus(), "?": () => this.help.showModal(),
      Escape: () => wall.open(null),
    };
    const onButton = event.composedPath()[0] instanceof HTMLButtonElement && (event.key === "Enter" || event.key === " ");
    if (!actions[event.key] || onButton) return;
    event.preventDefault();
    actions[event.key]();
  }

  _help() {
    const { words } = this;
    const dialog = el("dialog", { class: "help", "aria-label": words.help },
      el("h3", {}, words.help), el("dl", {}, ...words.keys.flatMap(([key, does]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, does)])),
      el("button", { type: "button", onclick: () => dialog.close() }, words.close));
    return dialog;
  }

  _phone(name) {
    this.root.dataset.tab = name;
    this.tabs.replaceChildren(...["wall", "map", "inspector"].map((one) => el("button", {
      type: "button", "aria-pressed": one === name, onclick: () => this._phone(one),
    }, this.words.phone[one])));
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".board");
  if (isOutrun(root, data)) return;
  root.board ||= new Board(root, data.words);
  const tell = teller(root, data, setTriggerValue);
  root.board.update(data, tell, root.untold);
}
