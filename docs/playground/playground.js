// The page: what is typed goes to the engine, what it answers to the view; links carry it in the fragment.
// @ts-check
import { Engine, LIMIT } from "./engine.js";
import { element, show } from "./view.js";

/** @typedef {import("./engine.js").Request} Request */
/** @typedef {Partial<Request> & {title: string, text: string}} Example */

const FIELDS = /** @type {const} */ (["text", "input", "batch", "network", "constants"]);
/** How long to wait for the next key, in milliseconds. */
const PAUSE = 250;
/** The longest link that is made; some programs cut longer ones. */
const LONGEST_LINK = 30000;

const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const status = (/** @type {string} */ text) => (byId("status").textContent = text);
const base = new URL("./", location.href.split("#")[0]);
const engine = new Engine(base, status);

/** @returns {Request} */
const typed = () => /** @type {Request} */ (Object.fromEntries(FIELDS.map((name) => [name, byId(name).value])));

/** @param {Partial<Request>} content */
function fill(content) {
  for (const name of FIELDS) byId(name).value = content[name] ?? "";
  ask();
}

/** @param {number} number counted from 1 */
function goTo(number) {
  /** @type {HTMLTextAreaElement} */
  const area = byId("text");
  const lines = area.value.split("\n");
  const start = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[number - 1] ?? "").length);
  area.scrollTop = (area.scrollHeight / lines.length) * (number - 4);
}

let running = false;
/** @type {Request | null} */
let next = null;

/** Ask for what is typed; while an answer is on its way, the last that was typed waits. */
async function ask() {
  next = typed();
  if (running) return;
  running = true;
  while (next) {
    const request = next;
    next = null;
    byId("result").classList.add("stale");
    status(engine.ready ? "Computing …" : "Starting Python …");
    try {
      const reply = await engine.ask(request);
      show(byId("result"), reply.answer ?? { error: { message: reply.crash } }, goTo);
      status(summary(reply));
    } catch (error) {
      byId("result").replaceChildren();
      status(`Python did not start: ${error instanceof Error ? error.message : error}`);
    }
    byId("result").classList.remove("stale");
    document.documentElement.dataset.answers = String(Number(document.documentElement.dataset.answers ?? 0) + 1);
  }
  running = false;
  engine.start().catch(() => {}); // which was stopped, perhaps
}

/** @param {import("./engine.js").Reply} reply */
function summary({ answer, crash }) {
  if (crash) return "Stopped. Python starts again.";
  if (answer.error) return answer.error.reads ? "The shapes don't fit." : "The text can't be read.";
  if (answer.explanation) return "A PyTorch error, explained.";
  return answer.out ? `It fits. Output: ${answer.out}` : "";
}

/** @returns {Partial<Request> | null} what the link carries */
function fromLink() {
  const values = new URLSearchParams(location.hash.slice(1));
  return values.has("text") ? Object.fromEntries(values) : null;
}

async function share() {
  const filled = Object.entries(typed()).filter(([, value]) => value !== "");
  const link = `${location.href.split("#")[0]}#${new URLSearchParams(filled)}`;
  if (link.length > LONGEST_LINK) return status("The text is too long for a link. Send it as a file.");
  history.replaceState(null, "", link);
  try {
    await navigator.clipboard.writeText(link);
    status("Link copied. It carries what you typed.");
  } catch {
    status("The address of this page now carries what you typed: copy it.");
  }
}

async function listExamples() {
  const found = await fetch(new URL("engine/examples.json", base)).catch(() => null);
  /** @type {Example[]} */
  const examples = found?.ok ? await found.json() : [];
  const titles = ["Choose …", ...examples.map(({ title }) => title)];
  byId("example").append(...titles.map((title, i) => element("option", { value: String(i), textContent: title })));
  byId("example").addEventListener("change", () => {
    const example = examples[Number(byId("example").value) - 1];
    if (example) fill(example);
  });
  if (!fromLink() && examples.length && !byId("text").value) fill(examples[0]);
}

function begin() {
  byId("limit").textContent = String(LIMIT);
  if (typeof WebAssembly !== "object" || typeof Worker !== "function") {
    status("This browser has no WebAssembly, which the playground needs. On the command line: pip install convshape");
    return;
  }
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  byId("form").addEventListener("input", (/** @type {Event} */ event) => {
    if (event.target === byId("example")) return;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  byId("form").addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
  byId("share").addEventListener("click", share);
  const restore = () => {
    const content = fromLink();
    if (content) fill(content);
  };
  addEventListener("hashchange", restore);
  restore();
  engine.start().catch((error) => status(`Python did not start: ${error.message}`));
  listExamples();
}

begin();
