// The map: the archive's own roads on a canvas, cameras whose labels give way, hits that fan out, route and area.

const MAP_LIMITS = { least: 300, most: 3e7, fanned: 5, again: 320, crowd: 24, numbered: 12 };

class RoadMap {
  constructor(host, { onCamera, onHit, onPlace, onHover, onLasso, words }) {
    this.host = host;
    this.calls = { onCamera, onHit, onPlace, onHover, onLasso };
    this.words = words;
    this.data = { cameras: [], hits: [], route: [], stops: [], area: null, asked: null, chosen: null };
    this.roads = { main: [], minor: [] };
    this.view = null;
    this.drawn = [];
    this.pointers = new Map();
    this.canvas = el("canvas", { class: "map-canvas", tabindex: 0, role: "img", "aria-label": words.map });
    this.tip = el("div", { class: "map-tip", hidden: true });
    this.place = el("div", { class: "map-tools" },
      el("button", { type: "button", title: words.zoomIn, "aria-label": words.zoomIn, onclick: () => this.zoom(1.6) }, "+"),
      el("button", { type: "button", title: words.zoomOut, "aria-label": words.zoomOut, onclick: () => this.zoom(1 / 1.6) }, "−"),
      el("button", { type: "button", title: words.fit, "aria-label": words.fit, onclick: () => this.fit() }, "⤢"),
      onLasso ? (this.pen = el("button", { type: "button", title: words.lasso, "aria-label": words.lasso, "aria-pressed": false, onclick: () => this._draws(!this.drawing) }, "✎")) : null);
    this.scale = el("div", { class: "map-scale", "aria-hidden": true });
    host.append(this.canvas, this.place, this.scale, this.tip);
    this._listen();
    this.resizing = new ResizeObserver(() => { if (!this.moved) this.view = null; this.draw(); });
    this.resizing.observe(host);
  }

  update(data) {
    const before = this._boundsKey();
    this.data = { ...this.data, ...data };
    if (before !== this._boundsKey()) { this.view = null; this.moved = false; }
    this._loadRoads(data.roads);
    this.draw();
  }

  async _loadRoads(url) {
    if (!url || url === this.roadsUrl) return;
    this.roadsUrl = url;
    const answer = await fetch(url);
    if (!answer.ok) return;
    const roads = await answer.json();
    const flat = (lines) => lines.map((line) => line.map(([lon, lat]) => project(lon, lat)));
    this.roads = { main: flat(roads.main), minor: flat(roads.minor) };
    this.named = [...this.roads.main, ...this.roads.minor].map((line, i) => ({ line, name: roads.names[i], long: lengthOf(line) })).filter(({ name }) => name).sort((a, b) => b.long - a.long);
    this.draw();
  }

  _boundsKey() {
    const { cameras, route, asked, focus } = this.data;
    return JSON.stringify([cameras.map((one) => [one.lon, one.lat]), route.length, asked, focus]);
  }

  /** Show the cameras of the answer, or all where there is none. */
  fit() {
    const { cameras, hits, route, asked, focus } = this.data;
    const known = new Map(cameras.map((one) => [one.id, one]));
    const near = (focus && focus.length ? focus : hits.map((hit) => hit.cam)).map((id) => known.get(id)).filter(Boolean);
    const points = [...(near.length ? near : cameras).map((one) => project(one.lon, one.lat)),
      ...route.map(([lon, lat]) => project(lon, lat)), ...(asked ? [project(asked.lon, asked.lat)] : [])];
    if (!points.length) points.push(...this.roads.main.flat(), ...this.roads.minor.flat());
    if (!points.length) points.push([0.5, 0.5]);
    const xs = points.map((p) => p[0]), ys = points.map((p) => p[1]);
    const [west, east, north, south] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const width = this.canvas.clientWidth || 400, height = this.canvas.clientHeight || 300;
    const wide = Math.max(east - west, 2e-5), high = Math.max(south - north, 1.2e-5);
    const scale = Math.min((width - 110) / wide, (height - 84) / high);
    this.view = { x: (west + east) / 2, y: (north + south) / 2, scale: clampScale(scale) };
    this.moved = false;
    this.draw();
  }

  zoom(by, at = null) {
    if (!this.view) return;
    const { width, height } = this.canvas.getBoundingClientRect();
    const [px, py] = at || [width / 2, height / 2];
    const scale = clampScale(this.view.scale * by);
    const x = this.view.x + (px - width / 2) / this.view.scale, y = this.view.y + (py - height / 2) / this.view.scale;
    this.view = { scale, x: x - (px - width / 2) / scale, y: y - (py - height / 2) / scale };
    this.moved = true;
    this.draw();
  }

  draw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => { this.waiting = null; this._draw(); });
  }

  toScreen([x, y]) {
    return [(x - this.view.x) * this.view.scale + this.width / 2, (y - this.view.y) * this.view.scale + this.height / 2];
  }

  _draw() {
    if (!this.canvas.clientWidth) return;
    if (!this.view) { this.fit(); if (!this.view) return; }
    const { context, width, height } = fitCanvas(this.canvas);
    [this.width, this.height, this.context] = [width, height, context];
    this.colours = Object.fromEntries(["land", "road", "main-road", "label", "quiet", "route", "candidate", "asked", "accent"]
      .map((name) => [name, themeColour(this.host, `--rt-${name}`)]));
    this.drawn = [];
    this._area();
    this._lines(this.roads.minor, this.colours.road, 1.4, 5);
    this._lines(this.roads.main, this.colours["main-road"], 2.4, 9);
    this._route();
    this._cameras();
    this._streets();
    this._lassoLine();
    this._scale();
  }

  _lines(lines, colour, least, metres) {
    const c = this.context;
    c.strokeStyle = rgba(colour);
    c.lineWidth = Math.min(8, Math.max(least, metres * this.view.scale / 4e7));
    c.lineCap = c.lineJoin = "round";
    c.beginPath();
    for (const line of lines) {
      const points = line.map((point) => this.toScreen(point));
      points.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
    }
    c.stroke();
  }

  _area() {
    if (!this.data.area) return;
    const c = this.context, { type, coordinates } = this.data.area;
    c.beginPath();
    for (const polygon of type === "MultiPolygon" ? coordinates : [coordinates])
      for (const ring of polygon) {
        ring.forEach(([lon, lat], i) => {
          const [x, y] = this.toScreen(project(lon, lat));
          if (i) c.lineTo(x, y); else c.moveTo(x, y);
        });
        c.closePath();
      }
    c.fillStyle = rgba(this.colours.candidate, 0.16);
    c.fill("evenodd");
    c.strokeStyle = rgba(this.colours.candidate, 0.5);
    c.lineWidth = 1;
    c.stroke();
  }

  _route() {
    const { route } = this.data;
    if (route.length < 2) return;
    const c = this.context, points = route.map(([lon, lat]) => this.toScreen(project(lon, lat)));
    c.strokeStyle = rgba(this.colours.route, 0.85);
    c.lineWidth = 4;
    c.lineCap = c.lineJoin = "round";
    c.beginPath();
    points.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
    c.stroke();
    let since = 40;
    for (let i = 1; i < points.length; i++) {
      const [x0, y0] = points[i - 1], [x1, y1] = points[i], length = Math.hypot(x1 - x0, y1 - y0);
      for (let along = 90 - since; along < length; along += 90) {
        this._arrow(x0 + (x1 - x0) * along / length, y0 + (y1 - y0) * along / length, Math.atan2(y1 - y0, x1 - x0));
        since = -along;
      }
      since += length;
    }
  }

  _arrow(x, y, angle) {
    const c = this.context;
    c.save();
    c.translate(x, y);
    c.rotate(angle);
    c.beginPath();
    c.moveTo(6, 0); c.lineTo(-5, -5); c.lineTo(-2, 0); c.lineTo(-5, 5); c.closePath();
    c.fillStyle = rgba(this.colours.route);
    c.strokeStyle = rgba(this.colours.land);
    c.lineWidth = 1.5;
    c.stroke(); c.fill();
    c.restore();
  }

  _cameras() {
    const { cameras, hits, asked, chosen, hovered } = this.data;
    const taken = this.taken = [], here = new Map();
    hits.forEach((hit) => (here.get(hit.cam) || here.set(hit.cam, []).get(hit.cam)).push(hit));
    const placed = cameras.map((one) => ({ ...one, at: this.toScreen(project(one.lon, one.lat)), hits: here.get(one.id) || [] }))
      .filter(({ at }) => at[0] > -40 && at[1] > -40 && at[0] < this.width + 40 && at[1] < this.height + 40);
    if (asked) this._ring(this.toScreen(project(asked.lon, asked.lat)), this.colours.asked, 17);
    const plain = placed.filter((one) => !one.hits.length), found = placed.filter((one) => one.hits.length);
    for (const group of clustered(plain, placed.length > 24 ? 15 : 0)) this._camera(group, taken);
    this._found(found, placed.length > MAP_LIMITS.crowd, taken);
    placed.sort((a, b) => b.hits.length - a.hits.length || (a.id < b.id ? -1 : 1));
    const first = (one) => one.id === chosen || one.id === hovered || (asked && asked.cam === one.id);
    for (const one of [...placed.filter(first), ...placed.filter((other) => !first(other))]) this._label(one, taken, first(one));
    for (const one of placed) if (one.id === hovered || one.id === chosen) this._ring(one.at, this.colours[one.id === chosen ? "asked" : "accent"], 15);
    for (const stop of this.data.stops) this._stop(stop, placed, taken);
  }

  /** Draw the cameras with hits: where there are many, near ones are counted together, and unlikely ones are dots. */
  _found(found, crowded, taken) {
    if (crowded && found.length && !found[0].hits[0].pct) {
      for (const { at, members } of clustered(found, 30))
        this._count({ id: members[0].id, at, hits: members.flatMap((one) => one.hits), cameras: members.map((one) => one.id) }, taken);
      return;
    }
    for (const one of found.sort((a, b) => b.hits[0].rank - a.hits[0].rank)) {
      if (crowded && one.hits[0].rank > MAP_LIMITS.numbered && !one.hits.some((hit) => hit.id === this.data.open || hit.id === this.data.hoveredHit)) this._dot(one, taken);
      else this._fan(one, taken);
    }
  }

  _dot({ id, at: [x, y], hits }, taken) {
    const c = this.context;
    c.beginPath(); c.arc(x, y, 5, 0, 7);
    c.fillStyle = rgba(this.colours.candidate, 0.55); c.fill();
    c.strokeStyle = rgba(this.colours.land); c.lineWidth = 1.5; c.stroke();
    taken.push([x - 5, y - 5, x + 5, y + 5]);
    this.drawn.push({ x, y, radius: 8, hit: hits[0], cameras: [id] });
  }

  _camera(group, taken) {
    const c = this.context, [x, y] = group.at, several = group.members.length > 1;
    const only = group.members[0];
    if (!several && only.bearing !== null && only.bearing !== undefined) {
      const angle = (only.bearing - 90) * Math.PI / 180;
      c.beginPath(); c.moveTo(x, y); c.arc(x, y, 15, angle - 0.45, angle + 0.45); c.closePath();
      c.fillStyle = rgba(only.colour ? themeColour(this.host, only.colour) : this.colours.label, 0.28);
      c.fill();
    }
    c.beginPath();
    c.arc(x, y, several ? 9 : 5, 0, 7);
    c.fillStyle = rgba(only.colour && !several ? themeColour(this.host, only.colour) : this.colours.label, several ? 0.75 : 1);
    c.strokeStyle = rgba(this.colours.land);
    c.lineWidth = 1.5;
    c.fill(); c.stroke();
    if (several) this._text(group.members.length, x, y, this.colours.land, "600 11px");
    taken.push([x - 8, y - 8, x + 8, y + 8]);
    this.drawn.push({ x, y, radius: several ? 11 : 9, cameras: group.members.map((one) => one.id) });
  }

  /** Draw the hits of a camera: the likeliest on it, the next ones around it, then how many more. */
  _fan(one, taken) {
    if (!one.hits[0].pct) return this._count(one, taken);
    const most = this.data.hits.length > 40 && this.data.cameras.length > 20 ? 1 : MAP_LIMITS.fanned;
    const shown = one.hits.slice(0, most), more = one.hits.length - shown.length;
    const [x, y] = one.at;
    shown.map((hit, i) => [hit, i ? [x + 21 * Math.cos(i * 0.85 - 2), y + 21 * Math.sin(i * 0.85 - 2)] : [x, y]])
      .reverse().forEach(([hit, [hx, hy]]) => this._hit(hit, hx, hy, hit === one.hits[0]));
    if (more > 0) this._text(`+${more}`, x + (most > 1 ? 26 : 19), y + (most > 1 ? 22 : 12), this.colours.quiet, "600 11px");
    taken.push([x - 13, y - 13, x + 13, y + 13]);
  }

  /** Draw how many sightings a camera has, where nothing was compared. */
  _count({ id, at: [x, y], hits, cameras = [id] }, taken) {
    const c = this.context, radius = 8 + 2 * Math.log10(hits.length), active = hits.some((hit) => hit.id === this.data.open || hit.id === this.data.hoveredHit);
    c.beginPath();
    c.arc(x, y, radius, 0, 7);
    c.fillStyle = rgba(this.colours.candidate);
    c.strokeStyle = rgba(active ? this.colours.accent : this.colours.land);
    c.lineWidth = active ? 3 : 1.5;
    c.fill(); c.stroke();
    this._text(hits.length, x, y, this.colours.land, "600 11px");
    taken.push([x - 12, y - 12, x + 12, y + 12]);
    this.drawn.push({ x, y, radius: radius + 2, cameras });
  }

  _hit(hit, x, y, first) {
    const c = this.context, radius = first ? 9 + 5 * hit.p : 7;
    c.beginPath();
    c.arc(x, y, radius, 0, 7);
    c.fillStyle = rgba(this.colours.candidate, hit.mark === "no" ? 0.3 : 1);
    c.strokeStyle = rgba(hit.id === this.data.open || hit.id === this.data.hoveredHit ? this.colours.accent : this.colours.land);
    c.lineWidth = hit.id === this.data.open || hit.id === this.data.hoveredHit ? 3 : 1.5;
    c.fill(); c.stroke();
    this._text(hit.rank, x, y, this.colours.land, `600 ${first ? 12 : 10}px`);
    this.drawn.push({ x, y, radius: radius + 2, hit, cameras: [hit.cam] });
  }

  _stop(stop, placed, taken) {
    const camera = placed.find((one) => one.id === stop.cam);
    if (!camera) return;
    const [x, y] = camera.at, c = this.context;
    c.font = "600 11px 'Source Sans', sans-serif";
    const width = c.measureText(stop.clock).width + 8;
    const box = [x - width / 2, y - 32, x + width / 2, y - 17];
    if (taken.some((other) => overlaps(other, box))) return;
    taken.push(box);
    c.fillStyle = rgba(this.colours.route);
    c.beginPath(); c.roundRect(box[0], box[1], width, 15, 3); c.fill();
    this._text(stop.clock, x, y - 24.5, this.colours.land, "600 11px");
  }

  /** Write the name of a camera where there is room: under it, or under its ring. */
  _label({ id, at: [x, y], hits }, taken, ringed) {
    const c = this.context;
    c.font = "600 12px 'Source Sans', sans-serif";
    const width = c.measureText(id).width, under = ringed ? 27 : hits.length ? 25 : 16;
    const spots = [[x - width / 2, y + under - 7], [x + 12, y - 7], [x - width - 12, y - 7], [x - width / 2, y - under - 7]];
    for (const [left, top] of spots) {
      const box = [left - 2, top, left + width + 2, top + 14];
      if (taken.some((other) => overlaps(other, box))) continue;
      taken.push(box);
      c.lineWidth = 4; c.lineJoin = "round";
      c.strokeStyle = rgba(this.colours.land, 0.9);
      c.textAlign = "left"; c.textBaseline = "middle";
      c.strokeText(id, left, top + 7);
      c.fillStyle = rgba(this.colours.label);
      c.fillText(id, left, top + 7);
      return;
    }
  }

  /** Write street names along their longest stretches, where there is room, once within every few hundred pixels. */
  _streets() {
    const c = this.context, written = new Map();
    c.font = "12px 'Source Sans', sans-serif";
    for (const { line, name, long } of this.named || []) {
      const wide = c.measureText(name).width;
      if (long * this.view.scale < wide + 24) continue;
      const [x, y, angle, room] = longest(line.map((point) => this.toScreen(point)));
      if (room < wide + 12) continue;
      if ((written.get(name) || []).some((at) => Math.hypot(at[0] - x, at[1] - y) < MAP_LIMITS.again)) continue;
      const half = [Math.abs(Math.cos(angle)) * wide / 2 + 6, Math.abs(Math.sin(angle)) * wide / 2 + 6];
      const box = [x - half[0], y - half[1], x + half[0], y + half[1]];
      const outside = box[0] < 0 || box[1] < 0 || box[2] > this.width - 40 || box[3] > this.height - 24;
      if (outside || this.taken.some((other) => overlaps(other, box))) continue;
      this.taken.push(box);
      (written.get(name) || written.set(name, []).get(name)).push([x, y]);
      c.save();
      c.translate(x, y); c.rotate(Math.abs(angle) > Math.PI / 2 ? angle + Math.PI : angle);
      c.textAlign = "center"; c.textBaseline = "middle"; c.lineWidth = 3; c.lineJoin = "round";
      c.strokeStyle = rgba(this.colours.land, 0.9); c.strokeText(name, 0, 0);
      c.fillStyle = rgba(this.colours.quiet); c.fillText(name, 0, 0);
      c.restore();
    }
  }

  _ring([x, y], colour, radius) {
    const c = this.context;
    c.beginPath(); c.arc(x, y, radius, 0, 7);
    c.fillStyle = rgba(colour, 0.22); c.fill();
    c.strokeStyle = rgba(colour); c.lineWidth = 2.5; c.stroke();
  }

  _text(text, x, y, colour, font) {
    const c = this.context;
    c.font = `${font} 'Source Sans', sans-serif`;
    c.textAlign = "center"; c.textBaseline = "middle";
    c.fillStyle = rgba(colour);
    c.fillText(text, x, y + 0.5);
  }

  _scale() {
    const lat = Math.atan(Math.sinh(Math.PI * (1 - 2 * this.view.y)));
    const metres = 40075016 * Math.cos(lat) / this.view.scale;
    const wanted = metres * 90, power = 10 ** Math.floor(Math.log10(wanted));
    const nice = [5, 2, 1].find((step) => step * power <= wanted) * power;
    this.scale.style.width = `${nice / metres}px`;
    this.scale.textContent = nice >= 1000 ? `${nice / 1000} km` : `${nice} m`;
  }

  _lassoLine() {
    if (!this.lasso) return;
    const c = this.context;
    c.beginPath();
    this.lasso.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
    c.closePath();
    c.fillStyle = rgba(this.colours.accent, 0.12); c.fill();
    c.setLineDash([5, 4]); c.strokeStyle = rgba(this.colours.accent); c.lineWidth = 2; c.stroke(); c.setLineDash([]);
  }

  _listen() {
    const canvas = this.canvas;
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 400), this._at(event));
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => this._down(event));
    canvas.addEventListener("pointermove", (event) => this._move(event));
    canvas.addEventListener("pointerup", (event) => this._up(event));
    canvas.addEventListener("pointercancel", (event) => this.pointers.delete(event.pointerId));
    canvas.addEventListener("pointerleave", () => this._hover(null));
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60] }[event.key];
      if (step) { this._pan(-step[0], -step[1]); event.preventDefault(); }
      if (event.key === "+" || event.key === "-") this.zoom(event.key === "+" ? 1.6 : 1 / 1.6);
    });
  }

  _at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  _down(event) {
    this.pointers.set(event.pointerId, this._at(event));
    this.travelled = 0;
    if ((event.shiftKey || this.drawing) && this.calls.onLasso) this.lasso = [this._at(event)];
    if (event.pointerType !== "touch" || this.lasso) this.canvas.setPointerCapture(event.pointerId);
  }

  _move(event) {
    const before = this.pointers.get(event.pointerId), at = this._at(event);
    if (!before) return this._hover(this._nearest(at), at);
    if (this.lasso) { this.lasso.push(at); return this.draw(); }
    this.travelled += Math.hypot(at[0] - before[0], at[1] - before[1]);
    if (this.pointers.size === 2) {
      const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
      const spread = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
      this.zoom(spread(at) / spread(before), [(at[0] + other[0]) / 2, (at[1] + other[1]) / 2]);
      this._pan((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
    } else if (event.pointerType !== "touch" && this.travelled > 3) this._pan(at[0] - before[0], at[1] - before[1]);
    this.pointers.set(event.pointerId, at);
  }

  _up(event) {
    const clicked = this.pointers.size === 1 && this.travelled <= 3, at = this._at(event);
    this.pointers.delete(event.pointerId);
    if (this.lasso) return this._endLasso();
    if (!clicked) return;
    const near = this._nearest(at);
    if (near && near.hit && this.calls.onHit) this.calls.onHit(near.hit.id);
    else if (near && near.cameras.length > 1) this.zoom(2.5, [near.x, near.y]);
    else if (near && this.calls.onCamera) this.calls.onCamera(near.cameras[0]);
    else if (!near && this.calls.onPlace) {
      const x = this.view.x + (at[0] - this.width / 2) / this.view.scale, y = this.view.y + (at[1] - this.height / 2) / this.view.scale;
      this.calls.onPlace(...unproject(x, y));
    }
  }

  /** Let the next drag draw an area, or move the map again. */
  _draws(on) {
    this.drawing = on;
    this.pen.setAttribute("aria-pressed", on);
    this.canvas.style.touchAction = on ? "none" : "";
    this.canvas.style.cursor = on ? "crosshair" : "grab";
  }

  _endLasso() {
    const ring = this.lasso;
    this.lasso = null;
    this._draws(false);
    const inside = this.data.cameras.filter((one) => within(this.toScreen(project(one.lon, one.lat)), ring)).map((one) => one.id);
    this.draw();
    if (ring.length > 5) this.calls.onLasso(inside);
  }

  _pan(dx, dy) {
    this.view = { ...this.view, x: this.view.x - dx / this.view.scale, y: this.view.y - dy / this.view.scale };
    this.moved = true;
    this.draw();
  }

  _nearest([x, y]) {
    return [...this.drawn].reverse().find((one) => Math.hypot(one.x - x, one.y - y) <= one.radius) || null;
  }

  _hover(near, at) {
    this.canvas.style.cursor = this.drawing || (!near && this.calls.onPlace) ? "crosshair" : near ? "pointer" : "grab";
    this.tip.hidden = !near;
    if (near) {
      this.tip.textContent = near.hit ? `${near.hit.cam} · ${near.hit.clock} · ${near.hit.pct}` : near.cameras.slice(0, 6).join(", ") + (near.cameras.length > 6 ? " …" : "");
      this.tip.style.left = `${Math.min(at[0] + 12, this.width - 140)}px`;
      this.tip.style.top = `${at[1] + 14}px`;
    }
    const now = near && near.hit ? near.hit.id : null;
    if (now !== this.told && this.calls.onHover) { this.told = now; this.calls.onHover(now); }
  }
}

function project(lon, lat) {
  const y = Math.asinh(Math.tan(lat * Math.PI / 180));
  return [(lon + 180) / 360, (1 - y / Math.PI) / 2];
}

function unproject(x, y) {
  return [Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180 / Math.PI, x * 360 - 180];
}

const clampScale = (scale) => Math.min(MAP_LIMITS.most * 4, Math.max(MAP_LIMITS.least, scale));

const overlaps = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

/** Join cameras that are closer than `apart` pixels; each group stands where its first member does. */
function clustered(cameras, apart) {
  const groups = [];
  for (const one of cameras) {
    const near = apart && groups.find((group) => Math.hypot(group.at[0] - one.at[0], group.at[1] - one.at[1]) < apart);
    if (near) near.members.push(one);
    else groups.push({ at: one.at, members: [one] });
  }
  return groups;
}

const lengthOf = (line) => line.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - line[i][0], y - line[i][1]), 0);

/** Return the middle of the longest straight stretch of a line, its angle, and its length. */
function longest(points) {
  let best = [0, 0, 0, 0];
  for (let i = 1; i < points.length; i++) {
    const [x0, y0] = points[i - 1], [x1, y1] = points[i], room = Math.hypot(x1 - x0, y1 - y0);
    if (room > best[3]) best = [(x0 + x1) / 2, (y0 + y1) / 2, Math.atan2(y1 - y0, x1 - x0), room];
  }
  return best;
}

function within([x, y], ring) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i], [xj, yj] = ring[j];
    if (yi > y !== yj > y && x < (xj - xi) * (y - yi) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
