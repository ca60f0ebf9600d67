// The time strip: a lane a camera with its hits, gaps in the footage hatched; brushing it filters wall and map.

const LANE = { height: 15, names: 92, top: 16, most: 40 };

class TimeStrip {
  constructor(host, news, words) {
    this.host = host; this.news = news; this.words = words;
    this.canvas = el("canvas", { class: "strip-canvas", role: "img", "aria-label": words.strip });
    this.note = el("span", { class: "strip-note" }, words.brush);
    host.append(this.canvas, this.note);
    news.on("hover", (id) => { this.hovered = id; this.draw(); });
    news.on("open", (id) => { this.open = id; this.draw(); });
    news.on("span", (span) => { this.span = span; this.draw(); });
    news.on("shown", (shown) => { this.shown = new Set(shown.map((hit) => hit.id)); this.draw(); });
    this._listen();
    new ResizeObserver(() => this.draw()).observe(host);
  }

  update({ hits, gaps, windows, asked, cameras, ticks, span }) {
    Object.assign(this, { hits, gaps, windows, asked, ticks });
    const lanes = new Map(cameras.map((one) => [one.id, 0]));
    hits.forEach((hit) => lanes.set(hit.cam, Math.max(lanes.get(hit.cam) || 0, hit.p + 0.001)));
    this.lanes = [...lanes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, LANE.most).map(([id]) => id);
    this.range = span;
    this.canvas.style.height = `${LANE.top + this.lanes.length * LANE.height + 4}px`;
    this.draw();
  }

  /** Show the moment whose area is on the map. */
  now(moment) { this.moment = moment || null; this.draw(); }

  draw() {
    if (!this.range || this.waiting) return;
    this.waiting = requestAnimationFrame(() => { this.waiting = null; this._draw(); });
  }

  x(time) { return this.left + (time - this.range[0]) / (this.range[1] - this.range[0]) * (this.width - this.left - 8); }

  time(x) { return this.range[0] + (x - this.left) / (this.width - this.left - 8) * (this.range[1] - this.range[0]); }

  _draw() {
    if (!this.canvas.clientWidth) return;
    const { context: c, width, height } = fitCanvas(this.canvas);
    this.width = width;
    this.left = Math.min(LANE.names, width / 4);
    const colour = Object.fromEntries(["ink", "quiet", "line", "well", "candidate", "asked", "accent"].map((name) => [name, rgba(themeColour(this.host, `--rt-${name}`))]));
    colour.window = themeColour(this.host, "--rt-accent");
    c.font = "12px 'Source Sans', sans-serif";
    c.textBaseline = "middle";
    this._ticks(c, height, colour);
    this.lanes.forEach((id, row) => this._lane(c, id, row, colour));
    if (this.asked) this._line(c, this.x(this.asked), height, colour.asked, 2);
    if (this.moment) this._line(c, this.x(this.moment), height, colour.candidate, 2);
    if (this.span) {
      c.fillStyle = rgba(themeColour(this.host, "--rt-accent"), 0.14);
      c.fillRect(this.x(this.span[0]), LANE.top, this.x(this.span[1]) - this.x(this.span[0]), height - LANE.top);
    }
  }

  _ticks(c, height, colour) {
    let reach = 0;
    for (const { t, label } of this.ticks) {
      const x = this.x(t), wide = c.measureText(label).width;
      this._line(c, x, height, colour.line, 1);
      if (x - wide / 2 < reach) continue;
      c.fillStyle = colour.quiet; c.textAlign = "center";
      c.fillText(label, Math.min(Math.max(x, this.left + wide / 2), this.width - wide / 2 - 2), 8);
      reach = x + wide / 2 + 12;
    }
  }

  _line(c, x, height, colour, wide) {
    c.strokeStyle = colour; c.lineWidth = wide;
    c.beginPath(); c.moveTo(Math.round(x) + 0.5, LANE.top); c.lineTo(Math.round(x) + 0.5, height); c.stroke();
  }

  _lane(c, id, row, colour) {
    const top = LANE.top + row * LANE.height, middle = top + LANE.height / 2;
    c.fillStyle = colour.ink; c.textAlign = "left";
    c.fillText(shortened(c, id, this.left - 8), 0, middle + 0.5);
    c.fillStyle = colour.well;
    c.fillRect(this.left, top + 2, this.width - this.left - 8, LANE.height - 4);
    for (const stretch of this.windows.filter((one) => one.cam === id)) this._shaded(c, this.x(stretch.from), this.x(stretch.to), top + 2, colour);
    for (const gap of this.gaps.filter((one) => one.cam === id)) this._hatched(c, this.x(gap.from), this.x(gap.to), top + 2, colour);
    for (const hit of this.hits.filter((one) => one.cam === id)) this._hit(c, hit, middle, colour);
  }

  /** Shade when the vehicle can have passed a camera. */
  _shaded(c, from, to, top, colour) {
    const left = Math.max(this.left, from), right = Math.min(this.width - 8, to);
    if (right <= left) return;
    c.fillStyle = rgba(colour.window, 0.13);
    c.fillRect(left, top, Math.max(1, right - left), LANE.height - 4);
  }

  _hatched(c, from, to, top, colour) {
    const left = Math.max(this.left, from), right = Math.min(this.width - 8, to), high = LANE.height - 4;
    if (right <= left) return;
    c.save();
    c.beginPath(); c.rect(left, top, right - left, high); c.clip();
    c.fillStyle = rgba(themeColour(this.host, "--rt-card")); c.fillRect(left, top, right - left, high);
    c.strokeStyle = colour.quiet; c.globalAlpha = 0.55; c.lineWidth = 1;
    c.beginPath();
    for (let x = left - high; x < right; x += 6) { c.moveTo(x, top + high); c.lineTo(x + high, top); }
    c.stroke(); c.restore();
  }

  _hit(c, hit, middle, colour) {
    const active = hit.id === this.hovered || hit.id === this.open, high = hit.pct ? 5 + 7 * hit.p : 9;
    c.globalAlpha = this.shown && !this.shown.has(hit.id) ? 0.2 : hit.pct ? 0.55 + 0.45 * hit.p : 0.9;
    c.fillStyle = active ? colour.accent : colour.candidate;
    c.fillRect(this.x(hit.t) - (active ? 2.5 : 1.5), middle - (active ? 7 : high / 2), active ? 5 : 3, active ? 14 : high);
    c.globalAlpha = 1;
  }

  _listen() {
    let from = null, moved = false;
    const at = (event) => Math.max(this.range[0], Math.min(this.range[1], this.time(event.offsetX)));
    this.canvas.addEventListener("pointerdown", (event) => {
      from = at(event); moved = false; this.canvas.setPointerCapture(event.pointerId);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (from === null) return this._hover(event);
      moved ||= Math.abs(this.x(at(event)) - this.x(from)) > 4;
      if (moved) { this.span = [from, at(event)].sort((a, b) => a - b); this.draw(); }
    });
    this.canvas.addEventListener("pointerup", (event) => {
      const near = this._near(event);
      if (moved) this.news.tell("span", this.span);
      else if (near) this.news.tell("choose", near.id);
      else this.news.tell("span", null);
      from = null;
    });
    this.canvas.addEventListener("pointerleave", () => this.news.tell("hover", null));
  }

  _near({ offsetX, offsetY }) {
    const id = this.lanes[Math.floor((offsetY - LANE.top) / LANE.height)];
    const near = this.hits.filter((hit) => hit.cam === id && Math.abs(this.x(hit.t) - offsetX) < 6);
    return near.sort((a, b) => Math.abs(this.x(a.t) - offsetX) - Math.abs(this.x(b.t) - offsetX))[0] || null;
  }

  _hover(event) {
    const near = this._near(event);
    this.canvas.style.cursor = near ? "pointer" : "crosshair";
    this.canvas.title = near ? `${near.cam} · ${near.day} ${near.clock}${near.pct ? ` · ${near.pct}` : ""}` : "";
    if ((near ? near.id : null) !== this.hovered) this.news.tell("hover", near ? near.id : null);
  }
}

function shortened(c, text, room) {
  if (c.measureText(text).width <= room) return text;
  let kept = text;
  while (kept.length > 2 && c.measureText(`${kept}…`).width > room) kept = kept.slice(0, -1);
  return `${kept}…`;
}
