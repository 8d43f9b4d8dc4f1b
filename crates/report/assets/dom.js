// SPDX-License-Identifier: Apache-2.0
// Elements. Text from manifests only ever becomes a text node or the value of a harmless attribute: nothing is parsed.

/** An element. An attribute that is a function listens; one that is null or false is left out. */
function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else if (value !== null && value !== false && value !== undefined) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...present(children));
  return element;
}

/** Puts children in the place of those that were there. */
function refill(element, ...children) {
  element.replaceChildren(...present(children));
}

function present(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined);
}

/** A name out of a manifest: its direction does not turn what stands around it. */
function name(text) {
  return el("bdi", { class: "name" }, text);
}

/** `1 finding`, `2 findings`. */
function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** Text in which `such` parts are code, as the messages have them. */
function prose(text) {
  return text.split(/(`[^`]+`)/).map((part) =>
    part.length > 2 && part.startsWith("`") && part.endsWith("`") ? el("code", {}, part.slice(1, -1)) : part,
  );
}

/** What makes the insides of `details` elements that were never open. */
const makers = new WeakMap();

/** A `details` element whose inside is made when it is first opened. */
function lazily(details, make) {
  makers.set(details, make);
  details.addEventListener("toggle", () => details.open && unfold(details));
  if (details.open) {
    unfold(details);
  }
  return details;
}

/** Opens it, with its inside: the event that tells of the opening comes too late for what follows. */
function unfold(details) {
  details.open = true;
  const make = makers.get(details);
  makers.delete(details);
  make?.();
}
