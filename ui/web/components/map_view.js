// A map by itself, for a form or a page: it tells the page which camera or place was clicked.

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const root = parentElement.querySelector(".lone-map");
  if (isOutrun(root, data)) return;
  root.tell = teller(root, data, setTriggerValue);
  if (!root.map) {
    root.host = root.appendChild(el("div", { class: "map" }));
    root.hint = root.appendChild(el("p", { class: "quiet" }));
    root.map = new RoadMap(root.host, {
      words: data.words,
      onCamera: (id) => root.tell("camera", { id }),
      onPlace: (lat, lon) => root.tell("place", { lat, lon }),
    });
  }
  root.host.style.height = `${data.height}px`;
  root.hint.textContent = data.hint;
  root.map.update({ cameras: data.cameras, roads: data.roads, chosen: data.chosen, asked: data.asked, route: data.route, stops: data.stops });
}
