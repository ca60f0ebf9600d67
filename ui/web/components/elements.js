// Small things that every part uses: elements, colours, and a line of news between the parts of a board.

/** Make an element; text is always text, never markup. */
function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) continue;
    if (name.startsWith("aria-")) made.setAttribute(name, String(value));
    else if (value === false) continue;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(made.style, value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    made.append(child instanceof Node ? child : String(child));
  }
  return made;
}

/** Return the colour that a CSS variable has in the theme of the page, as [r, g, b]. */
function themeColour(host, name) {
  const probe = el("i", { style: { color: `var(${name})`, position: "absolute", visibility: "hidden" } });
  host.append(probe);
  const found = getComputedStyle(probe).color.match(/[\d.]+/g) || [0, 0, 0];
  probe.remove();
  return found.slice(0, 3).map(Number);
}

const rgba = (colour, alpha = 1) => `rgba(${colour[0]},${colour[1]},${colour[2]},${alpha})`;

/** News between the parts of one board: `news.on("hover", f)`, `news.tell("hover", value)`. */
function newsLine() {
  const listeners = {};
  return {
    on: (name, listener) => (listeners[name] ||= []).push(listener),
    tell: (name, value) => (listeners[name] || []).forEach((listener) => listener(value)),
  };
}

/** Tell whether data is older than what `root` has shown, and keep its turn: while a browser loads this script, what the
 * server sent meanwhile waits, and is handed over in any order. */
function isOutrun(root, data) {
  if (data.turn < root.turn) return true;
  root.turn = data.turn;
  return false;
}

/** Return a function that tells the server what was done. Each call repeats what the server has not said to have heard:
 * a later call takes the place of an earlier one that still waits. */
function teller(root, data, setTriggerValue) {
  root.untold = (root.untold || []).filter(({ n }) => n > data.heard);
  return (name, value) => {
    root.lastTold = Math.max(Date.now(), data.heard + 1, (root.lastTold || 0) + 1);
    root.untold.push({ n: root.lastTold, name, value });
    setTriggerValue("told", [...root.untold]);
  };
}

/** Fit a canvas to its element and return its context, in CSS pixels. */
function fitCanvas(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** Tell whether a key was meant for a field that takes text. */
function typesText(event) {
  const target = event.composedPath()[0];
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
