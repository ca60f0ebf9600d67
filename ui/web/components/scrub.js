// The moment of "can be here": a slider over the time axis; the area on the map follows it.

class Scrub {
  constructor(host, words, onMoment) {
    this.words = words; this.onMoment = onMoment;
    this.said = el("output", { class: "scrub-said" });
    this.slider = el("input", { type: "range", class: "scrub", min: 0, max: 1000, "aria-label": words.scrub, title: words.scrub, oninput: () => this._moved() });
    this.row = host.appendChild(el("div", { class: "scrub-row" }, this.said, this.slider));
  }

  update({ passes, span, zone, fresh }) {
    Object.assign(this, { passes, span });
    this.row.hidden = !passes.length;
    const day = new Intl.DateTimeFormat("en-GB", { timeZone: zone, dateStyle: "short" });
    const days = day.format(span[0]) === day.format(span[1]) ? {} : { day: "numeric", month: "short" };
    this.clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...days, hour: "2-digit", minute: "2-digit", second: "2-digit" });
    if (fresh) { this.moment = null; this.slider.value = 0; }
    if (!this.moment) this.said.textContent = this.words.scrubShort;
  }

  _moved() {
    this.moment = this.span[0] + this.slider.value / 1000 * (this.span[1] - this.span[0]);
    const at = this.clock.format(this.moment);
    this.said.textContent = at;
    this.slider.setAttribute("aria-valuetext", this.words.scrubAt.replace("{at}", at));
    this.onMoment(this.moment, undefined);
    if (!this.asking) this._ask();
  }

  /** Ask for the area of the moment; while an answer is awaited, only the latest moment is kept. */
  async _ask() {
    this.asking = true;
    const moment = this.moment, from = this.passes.filter(({ t }) => t <= moment).at(-1);
    let area = null;
    if (from) {
      const asked = new URLSearchParams({ camera: from.cam, time: from.t, at: Math.round(moment), sighting: from.id });
      const answer = await fetch(`/archive/area?${asked}`).catch(() => null);
      area = answer?.ok ? await answer.json() : null;
    }
    this.asking = false;
    if (this.moment !== moment) return this.moment ? this._ask() : null;
    this.onMoment(moment, area);
  }
}
