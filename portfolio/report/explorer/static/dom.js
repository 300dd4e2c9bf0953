// Elements are made and never parsed: what strangers wrote reaches the page as text only.

const SVG_SPACE = "http://www.w3.org/2000/svg";

/** An HTML element; attributes that are functions listen to the event of their name, null leaves one out. */
export function html(tag, attributes = {}, ...children) {
  return dressed(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return dressed(document.createElementNS(SVG_SPACE, tag), attributes, children);
}

/** Put these children, and no others, into an element. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

const lastShown = new WeakMap();

/**
 * Make the children of an element anew, but only if `what` they show differs from the last time: focus and readers of
 * the screen stay where they are. Says whether it made them.
 */
export function refill(node, what, make) {
  const key = JSON.stringify(what);
  if (lastShown.get(node) === key) return false;
  lastShown.set(node, key);
  fill(node, make());
  return true;
}

/** Change a text only if it differs, so that readers of the screen are not told the same twice. */
export function say(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/** A button; it stays in the order of focus when there is nothing to do, so that focus is not lost on it. */
export function button(words, action, attributes = {}) {
  const press = (event) => {
    if (event.currentTarget.getAttribute("aria-disabled") !== "true") action(event);
  };
  return html("button", { type: "button", click: press, ...attributes }, words);
}

export function setEnabled(node, enabled) {
  node.setAttribute("aria-disabled", String(!enabled));
}

let lastIdentity = 0;

/** An id that no other element of the document has: a notebook may show several explorers. */
export function newIdentity(name) {
  lastIdentity += 1;
  return `portfolio-${name}-${lastIdentity}`;
}

function dressed(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}
