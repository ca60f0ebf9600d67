// A map by itself, for a form or a page: it tells the page which camera or place was clicked.

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".lone-map");
  if (isOutrun(root, data)) return;
  const tells = (name) => data.clicks.includes(`on_${name}_change`);
  root.tell = (name, value) => tells(name) && setTriggerValue(name, { ...value, n: Date.now() });
  if (!root.map) {
    root.host = root.appendChild(el("div", { class: "map" }));
    root.hint = root.appendChild(el("p", { class: "quiet" }));
    root.map = new RoadMap(root.host, {
      words: data.words,
      onCamera: tells("camera") ? (id) => root.tell("camera", { id }) : null,
      onPlace: tells("place") ? (lat, lon) => root.tell("place", { lat, lon }) : null,
      onLasso: tells("lasso") ? (ids) => root.tell("lasso", { ids }) : null,
    });
  }
  root.host.style.height = `${data.height}px`;
  root.hint.textContent = data.hint;
  root.map.update({ cameras: data.cameras, roads: data.roads, chosen: data.chosen, asked: data.asked, route: data.route, stops: data.stops });
}
