// Small helpers for building the page. Text from outside only ever becomes text, never markup.

export const by_id = (id) => document.getElementById(id);

// element("button", {class: "chip", text: "scratch", "aria-pressed": "true"}, child, ...)
export function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function replace_children(node, ...children) {
  node.textContent = "";
  node.append(...children.filter((child) => child !== null && child !== undefined));
}

// Changes text only if it differs, so that a screen reader does not repeat it.
export function set_text(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// About three significant digits, never an exponent.
export function format_number(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 100 || size === 0) return String(Math.round(value));
  const decimals = size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
  return String(Number(value.toFixed(decimals)));
}

export const format_score = (value) => (Number.isFinite(value) ? value.toFixed(value >= 100 ? 0 : 2) : "–");

export function plural(count, one, many) {
  return `${count} ${count === 1 ? one : many || one + "s"}`;
}
