// Shows an answer. Everything is put in as text, and pictures as images: no code of an answer ever runs here.
// @ts-check

/** @typedef {Record<string, any>} Answer as answer.py makes it */

const RIGHT = new Set(["params", "macs", "field", "stride", "start", "bytes", "unused"]);

/**
 * @param {string} tag
 * @param {Record<string, any>} facts properties; `attributes` are set as attributes
 * @param {(Node | string)[]} children
 * @returns {any}
 */
export function element(tag, facts = {}, ...children) {
  const { attributes = {}, ...properties } = facts;
  const node = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

let picture = "";

/**
 * @param {HTMLElement} target
 * @param {Answer} answer
 * @param {(line: number) => void} goTo moves to a line of the text
 */
export function show(target, answer, goTo) {
  URL.revokeObjectURL(picture);
  const parts = [];
  if (answer.out) parts.push(element("p", { className: "out", textContent: answer.out }));
  for (const line of answer.equations ?? []) parts.push(element("pre", { textContent: line }));
  if (answer.error) parts.push(errorBox(answer.error, goTo));
  if (answer.explanation) parts.push(element("pre", { className: "wrap", textContent: answer.explanation }));
  if (answer.note) parts.push(element("p", { className: "summary", textContent: answer.note }));
  if (answer.lines?.length) parts.push(table(answer));
  if (answer.summary) parts.push(element("p", { className: "summary", textContent: answer.summary }));
  if (answer.picture) parts.push(figure(answer));
  target.replaceChildren(...parts);
}

/** @param {Answer} error @param {(line: number) => void} goTo */
function errorBox(error, goTo) {
  const parts = [element("h2", { textContent: `Error: ${error.message}` })];
  if (error.where) parts.push(place(error.where, goTo));
  if (error.snippet) parts.push(element("pre", { textContent: error.snippet }));
  if (error.why) parts.push(element("p", { textContent: error.why }));
  if (error.fix) parts.push(element("p", { className: "fix" }, element("b", { textContent: "Fix: " }), element("code", { textContent: error.fix })));
  for (const other of error.others ?? []) parts.push(errorBox(other, goTo));
  return element("div", { className: "error" }, ...parts);
}

/** @param {string} where @param {(line: number) => void} goTo */
function place(where, goTo) {
  const line = /^network\.\w+:(\d+)/.exec(where)?.[1];
  if (!line) return element("p", { textContent: where });
  const button = element("button", { type: "button", textContent: `Line ${line}`, className: "place" });
  button.addEventListener("click", () => goTo(Number(line)));
  return element("p", {}, button);
}

/** @param {Answer} answer */
function table({ title, columns, lines, total, more }) {
  const side = (/** @type {number} */ i) => (RIGHT.has(columns[i]) ? "number" : "");
  const head = columns.map((/** @type {string} */ name, /** @type {number} */ i) =>
    element("th", { textContent: name, className: side(i), scope: "col" }));
  const body = lines.map((/** @type {Answer} */ line) => {
    const cells = line.cells.map((/** @type {string} */ text, /** @type {number} */ i) =>
      element(i ? "td" : "th", { textContent: text, className: side(i), ...(i ? {} : { scope: "row" }) }));
    cells[0].style.paddingLeft = `${line.depth * 1.2}em`;
    return element("tr", { className: line.failed ? "failed" : line.leaf ? "" : "parent" }, ...cells);
  });
  const foot = total.map((/** @type {string} */ text, /** @type {number} */ i) =>
    element(i ? "td" : "th", { textContent: text, className: side(i), ...(i ? {} : { scope: "row" }) }));
  const rest = more ? [element("p", { className: "summary", textContent: "The lines that follow are left out." })] : [];
  return element(
    "div",
    { className: "scroll", tabIndex: 0, attributes: { role: "region", "aria-label": "Table" } },
    element("table", {}, element("caption", { textContent: title }), element("thead", {}, element("tr", {}, ...head)),
      element("tbody", {}, ...body), element("tfoot", {}, element("tr", {}, ...foot))),
    ...rest,
  );
}

/** @param {Answer} answer */
function figure(answer) {
  picture = URL.createObjectURL(new Blob([answer.picture], { type: "image/svg+xml" }));
  const image = element("img", { src: picture, alt: `Picture of ${answer.title}; the table has the same shapes as text` });
  image.addEventListener("load", () => image.classList.toggle("wide", image.naturalWidth > 1.7 * image.naturalHeight));
  const link = element("a", { href: picture, download: "network.svg", textContent: "Download the picture (SVG)" });
  return element("figure", {}, image, element("figcaption", {}, link));
}
