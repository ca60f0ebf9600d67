// The inspector: question and candidate side by side, all shots, the frame, the clip, the evidence, and the verdict.

class Inspector {
  constructor(host, words, calls) {
    this.host = host; this.words = words; this.calls = calls;
    this.tab = "story";
    this.tabs = el("div", { class: "tabs", role: "tablist" });
    this.body = el("div", { class: "inspector-body", tabindex: 0, "aria-live": "off" });
    host.append(this.tabs, this.body);
  }

  update(data) {
    this.data = data;
    if (this.hit) this.hit = data.hits.find((one) => one.id === this.hit.id) || null;
    this.draw();
  }

  show(hit) {
    this.hit = hit;
    this.shot = 0;
    this.frame = false;
    this.tab = hit ? "hit" : "story";
    this.draw();
    this.body.scrollTop = 0;
  }

  draw() {
    const { words } = this, names = [["hit", words.tabs.hit], ["story", words.tabs.story], ["searched", words.tabs.searched]].slice(0, this.data.listing && this.hit ? 1 : 3);
    this.tabs.replaceChildren(...names.map(([name, label]) => el("button", {
      type: "button", role: "tab", "aria-selected": name === this.tab, disabled: name === "hit" && !this.hit,
      onclick: () => { this.tab = name; this.draw(); },
    }, label)));
    const drawn = { hit: () => (this.hit ? this._hit(this.hit) : []), story: () => this._story(), searched: () => this._searched() }[this.tab]();
    this.body.replaceChildren(...drawn);
  }

  _hit(hit) {
    return [
      this._footage(hit),
      el("div", { class: `pair${this.data.listing ? " alone" : ""}` }, this.data.listing ? "" : this._asked(), this._candidate(hit)),
      el("div", { class: "verdicts" },
        ...["yes", "no", "unsure"].map((verdict) => el("button", {
          type: "button", class: `verdict ${verdict}`, "aria-pressed": hit.mark === verdict, title: this.words.verdictKeys[verdict],
          onclick: () => this.calls.mark([hit.id], verdict),
        }, this.words.verdicts[verdict])),
        el("button", { type: "button", class: "go", onclick: () => this.calls.goOn(hit.id) }, `${this.data.listing ? this.words.askAbout : this.words.goOn} →`),
        ...this._footageButtons(hit),
        el("button", { type: "button", class: "link", onclick: (event) => this._copy(event.target, hit) }, this.words.copy)),
      this._plates(hit),
      hit.why ? el("p", { class: "why" }, hit.why) : "",
      hit.evidence.length ? el("dl", { class: "evidence" }, ...hit.evidence.map((one) => this._evidence(one))) : "",
      el("p", { class: "facts quiet" }, hit.moment, hit.distance ? ` · ${hit.distance}` : "", ` · ${hit.look}`, hit.street ? ` · ${hit.street}` : "", hit.plate && !hit.platePic ? el("span", { class: "plate", title: hit.plateSure }, hit.plate) : ""),
      hit.named.length ? el("p", { class: "named quiet", title: this.words.namedHelp }, ...hit.named.map(({ label, pct }) => el("span", {}, label, " ", el("b", {}, pct)))) : "",
    ];
  }

  _asked() {
    const { asked } = this.data;
    return el("figure", { class: "asked" },
      el("span", { class: "stage" }, asked.pic ? el("img", { src: asked.pic, alt: this.words.askedPicture }) : el("span", { class: "missing" }, asked.described || this.words.noPicture)),
      el("figcaption", {}, el("b", {}, this.words.question), " ", asked.label));
  }

  _candidate(hit) {
    const shots = hit.shots.length ? hit.shots : [];
    const picture = shots.length ? el("img", { src: shots[this.shot] || shots[0], alt: `${hit.cam}, ${hit.moment}` }) : el("span", { class: "missing" }, this.words.noPicture);
    const others = shots.length > 1 ? el("span", { class: "shots" }, ...shots.map((url, i) => el("button", {
      type: "button", "aria-pressed": i === this.shot, "aria-label": `${this.words.shot} ${i + 1}`, onclick: () => { this.shot = i; this.draw(); },
    }, el("img", { src: url, loading: "lazy", alt: "" })))) : null;
    return el("figure", {}, el("span", { class: "stage" }, picture), others,
      el("figcaption", { title: hit.street }, el("b", {}, hit.cam), ` ${hit.day} `, el("b", {}, hit.clock), hit.pct ? el("span", { class: "big-pct" }, hit.pct) : ""));
  }

  /** Show the plates one above the other, both from in front, so that their characters can be compared. */
  _plates(hit) {
    if (!hit.platePic) return "";
    const asked = this.data.asked, row = (who, { platePic, plate }) => el("div", { class: who },
      platePic ? el("img", { src: platePic, alt: this.words.platePicture }) : el("span", { class: "missing" }, ""), plate ? el("span", { class: "plate" }, plate) : "");
    return el("div", { class: "plates" }, !this.data.listing && (asked.platePic || asked.plate) ? row("of-asked", asked) : "", row("of-hit", hit), hit.plateSure ? el("span", { class: "quiet" }, hit.plateSure) : "");
  }

  _evidence({ label, words, llr }) {
    const share = llr === null ? 0 : Math.min(1, Math.abs(llr) / 6) * 50;
    const bar = llr === null ? "" : el("i", { class: side(llr), style: { left: `${llr >= 0 ? 50 : 50 - share}%`, width: `${share}%` } });
    return el("div", { class: llr === null ? "none" : "" }, el("dt", {}, label), el("dd", { class: "bar" }, bar), el("dd", {}, words));
  }

  _footage(hit) {
    if (!this.frame) return "";
    const failed = (event) => event.target.replaceWith(el("p", { class: "quiet" }, this.words.gone));
    if (this.frame === "clip")
      return el("div", { class: "footage" }, el("video", { class: "clip", src: `${hit.clip.url}#t=${hit.clip.from.toFixed(1)},${hit.clip.to.toFixed(1)}`, controls: true, autoplay: true, muted: true, onerror: failed }));
    const box = hit.box, place = box && { left: `${box[0] * 100}%`, top: `${box[1] * 100}%`, width: `${box[2] * 100}%`, height: `${box[3] * 100}%` };
    return el("div", { class: "footage" }, el("div", { class: "frame" }, el("img", { src: hit.frame, alt: this.words.frame, onerror: failed }), place ? el("i", { style: place }) : ""));
  }

  _footageButtons(hit) {
    if (!hit.frame) return hit.noFrame ? [el("span", { class: "quiet" }, hit.noFrame)] : [];
    const show = (what) => { this.frame = this.frame === what ? false : what; this.draw(); this.body.scrollTop = 0; };
    const button = (what) => el("button", { type: "button", class: "view", "aria-pressed": this.frame === what, onclick: () => show(what) }, this.words[what]);
    return [button("frame"), hit.clip ? button("clip") : ""];
  }

  _copy(button, hit) {
    const address = new URL(window.location.href);
    address.searchParams.set("open", hit.id);
    navigator.clipboard?.writeText(address.href);
    button.textContent = this.words.copied;
    setTimeout(() => { button.textContent = this.words.copy; }, 1500);
  }

  playClip() {
    if (this.hit && this.hit.clip) { this.frame = this.frame === "clip" ? false : "clip"; this.tab = "hit"; this.draw(); }
  }

  _story() {
    const { stories } = this.data;
    if (this.data.listing) return [el("p", { class: "quiet" }, this.data.asked.described)];
    if (!stories.length) return [el("p", { class: "quiet" }, this.data.hits.some((hit) => !hit.pct) ? this.words.listed : this.words.noStory)];
    return stories.map((story, i) => el("section", { class: "story" },
      el("h3", {}, i ? this.words.orElse : this.words.bestStory, el("span", { class: "pct" }, el("i", { style: { width: `${story.p * 100}%` } }), el("b", {}, story.pct))),
      story.stops.length ? el("ol", {}, ...story.stops.map((stop) => el("li", { class: stop.asked ? "asked" : "", "data-id": stop.id || "" },
        stop.leg ? el("span", { class: "leg" }, stop.leg) : "",
        el(stop.id ? "button" : "span", { type: stop.id ? "button" : null, class: "stop", onclick: stop.id ? () => this.calls.choose(stop.id) : null }, el("b", {}, stop.cam), " ", el("time", {}, stop.when), stop.pct ? el("small", {}, stop.pct) : el("small", {}, stop.note || ""))))) : el("p", {}, this.words.nobody)))
      .concat(this.data.rest ? [el("p", { class: "quiet" }, this.data.rest)] : []);
  }

  _searched() {
    const { searched } = this.data;
    return [...searched.lines.map((line) => el("p", {}, line)),
      searched.gaps.length ? el("ul", { class: "gaps" }, ...searched.gaps.map(({ cam, why, times }) => el("li", {}, el("b", {}, cam), ` ${why} `, el("span", { class: "quiet" }, times)))) : "",
      el("p", { class: "quiet" }, searched.stages)];
  }
}
