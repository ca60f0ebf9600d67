// The mask of a camera: polygons over its picture; a click adds a corner, a click on the first one closes the shape.

const CLOSE_PX = 12;

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".mask");
  if (isOutrun(root, data)) return;
  const tell = teller(root, data, setTriggerValue);
  const state = (root.state = root.state?.key === data.key ? root.state : { key: data.key, corners: [], cursor: null });
  const image = el("img", { src: data.src, alt: data.words.picture, draggable: "false", onerror: () => stage.replaceChildren(el("p", { class: "quiet" }, data.words.noPicture)) });
  const shape = (corners, use) => el("i", { class: `shape ${use}`, style: { clipPath: `polygon(${corners.map(([x, y]) => `${x * 100}% ${y * 100}%`).join(", ")})` } });
  const shapes = el("div", { class: "shapes", "aria-hidden": true });
  const stage = el("div", { class: "mask-stage", role: "application", tabindex: 0, "aria-label": data.words.draw }, image, shapes);
  const done = () => { if (state.corners.length >= 3) tell("polygon", { camera: data.key, use: data.use, corners: state.corners }); state.corners = []; draw(); };
  const at = (event) => {
    const box = stage.getBoundingClientRect(), share = (value) => Math.round(Math.max(0, Math.min(1, value)) * 1000) / 1000;
    return [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)];
  };
  const near = (a, b) => { const box = stage.getBoundingClientRect(); return Math.hypot((a[0] - b[0]) * box.width, (a[1] - b[1]) * box.height) < CLOSE_PX; };
  const draw = () => {
    const open = [...state.corners, ...(state.cursor && state.corners.length ? [state.cursor] : [])];
    shapes.replaceChildren(
      ...data.look.map((corners) => shape(corners, "look")), ...data.ignore.map((corners) => shape(corners, "ignore")),
      ...(open.length > 2 ? [shape(open, "open")] : []),
      ...state.corners.map(([x, y], i) => el("i", { class: `corner${i ? "" : " first"}`, style: { left: `${x * 100}%`, top: `${y * 100}%` } })));
  };
  stage.addEventListener("click", (event) => {
    const corner = at(event);
    if (state.corners.length >= 3 && near(corner, state.corners[0])) return done();
    state.corners = [...state.corners, corner];
    draw();
  });
  stage.addEventListener("pointermove", (event) => { state.cursor = at(event); if (state.corners.length) draw(); });
  stage.addEventListener("keydown", (event) => {
    if (event.key === "Enter") done();
    else if (event.key === "Escape") { state.corners = []; draw(); }
    else if (event.key === "Backspace") { state.corners = state.corners.slice(0, -1); draw(); }
    else return;
    event.preventDefault(); event.stopPropagation();
  });
  root.replaceChildren(stage, el("p", { class: "quiet" }, data.words.draw));
  draw();
}
