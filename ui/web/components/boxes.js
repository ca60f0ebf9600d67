// A picture with the vehicles that were found in it: a click chooses one, dragging draws another box.

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".picture-boxes");
  if (isOutrun(root, data)) return;
  const share = ([x, y, w, h]) => ({ left: `${x / data.width * 100}%`, top: `${y / data.height * 100}%`, width: `${w / data.width * 100}%`, height: `${h / data.height * 100}%` });
  const tell = teller(root, data, setTriggerValue);
  const choose = (box) => tell("box", { picture: data.picture, box });
  const same = (box) => data.chosen && box.every((number, i) => Math.abs(number - data.chosen[i]) < 1.5);
  const image = el("img", { src: data.src, alt: data.words.picture, draggable: "false" });
  const stage = el("div", { class: "boxes-stage", style: { aspectRatio: `${data.width} / ${data.height}`, maxWidth: `${data.most * data.width / data.height}px` } }, image,
    ...data.boxes.map((box, i) => el("button", {
      type: "button", class: `box${same(box) ? " chosen" : ""}`, style: share(box), "aria-label": `${data.words.vehicle} ${i + 1}`, "aria-pressed": same(box),
      onclick: () => choose(box),
    }, el("span", {}, i + 1))),
    data.chosen && !data.boxes.some(same) ? el("i", { class: "box chosen drawn", style: share(data.chosen) }) : null);
  let from = null, drawn = null;
  const at = (event) => {
    const area = stage.getBoundingClientRect();
    return [Math.max(0, Math.min(1, (event.clientX - area.left) / area.width)) * data.width, Math.max(0, Math.min(1, (event.clientY - area.top) / area.height)) * data.height];
  };
  const boxed = (to) => [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(from[0] - to[0]), Math.abs(from[1] - to[1])];
  stage.addEventListener("pointerdown", (event) => { from = at(event); });
  stage.addEventListener("pointermove", (event) => {
    if (!from) return;
    const box = boxed(at(event));
    if (!drawn && Math.max(box[2], box[3]) < 8) return;
    drawn ||= stage.appendChild(el("i", { class: "box drawn" }));
    Object.assign(drawn.style, share(box));
  });
  stage.addEventListener("pointerup", (event) => {
    const box = from && boxed(at(event));
    if (drawn && box[2] >= 16 && box[3] >= 16) { choose(box.map(Math.round)); event.preventDefault(); }
    drawn?.remove();
    from = drawn = null;
  });
  root.replaceChildren(stage);
}
