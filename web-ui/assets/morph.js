// Makes one tree of elements like another with as few changes as possible, so that focus, selection, scrolling and what
// the reader has opened stay. Nodes are matched by id or data-key, else by place and name.
//
// Elements with data-keep belong to the modules and are left alone; so are the attributes below, which readers change.

const kept = new Set(["open", "data-at", "data-chosen"]);

export function morph(now, next) {
  if (now.isEqualNode(next)) return;
  attributes(now, next);
  children(now, next);
}

function attributes(now, next) {
  for (const { name } of [...now.attributes]) {
    if (!next.hasAttribute(name) && !kept.has(name)) now.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (kept.has(name) || now.getAttribute(name) === value) continue;
    now.setAttribute(name, value);
    if (name === "value" && now !== document.activeElement) now.value = value;
  }
}

function children(now, next) {
  const byName = named(now);
  let place = now.firstChild;
  for (const wanted of [...next.childNodes]) {
    const known = byName.get(nameOf(wanted));
    const fitting = known ?? (place && !nameOf(place) && !nameOf(wanted) && alike(place, wanted) ? place : null);
    if (!fitting) {
      now.insertBefore(document.importNode(wanted, true), place);
      continue;
    }
    if (fitting === place) place = place.nextSibling;
    else now.insertBefore(fitting, place);
    update(fitting, wanted);
  }
  while (place) {
    const after = place.nextSibling;
    if (!keeps(place)) place.remove();
    place = after;
  }
}

function update(now, next) {
  if (now.nodeType !== Node.ELEMENT_NODE) {
    if (now.nodeValue !== next.nodeValue) now.nodeValue = next.nodeValue;
  } else if (!keeps(now)) {
    morph(now, next);
  }
}

function named(parent) {
  const byName = new Map();
  for (const child of parent.children) {
    const name = nameOf(child);
    if (name) byName.set(name, child);
  }
  return byName;
}

// What a node is known by among its siblings, with its kind: a row never becomes a paragraph.
function nameOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  const name = node.id || node.dataset?.key;
  return name ? `${node.nodeName} ${name}` : "";
}

const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName;
const keeps = (node) => node.nodeType === Node.ELEMENT_NODE && node.hasAttribute("data-keep");
