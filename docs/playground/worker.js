// Runs Python. It gets {id, request} and answers {id, answer}; {ready} once it has started, {broken} if it cannot.
// @ts-check

/** @typedef {{pyodide: string, archives: string[], code: string}} Engine */

/** @type {((request: string) => string) | undefined} */
let answer;

/**
 * @param {string} base where the engine lies
 * @param {Engine} engine
 */
async function start(base, engine) {
  const at = (/** @type {string} */ name) => new URL(name, base).href;
  const archives = engine.archives.map(async (name) => {
    const found = await fetch(at(name));
    if (!found.ok) throw new Error(`${name}: ${found.status}`);
    return found.arrayBuffer();
  });
  const code = fetch(at(engine.code)).then((found) => found.text());
  const { loadPyodide } = await import(at(`${engine.pyodide}pyodide.mjs`));
  const python = await loadPyodide({ indexURL: at(engine.pyodide), stdout: () => {}, stderr: () => {} });
  for (const archive of await Promise.all(archives)) python.unpackArchive(archive, "zip", { extractDir: "/lib/site" });
  python.FS.mkdirTree("/home/playground");
  python.FS.writeFile("/lib/site/answer.py", await code);
  python.runPython(`
import os, sys
sys.path.append("/lib/site")
os.chdir("/home/playground")
sys.setrecursionlimit(min(sys.getrecursionlimit(), 1000))
from answer import answer_json, warm_up
warm_up()  # which doesn't count against the limit of what is asked
`);
  answer = python.globals.get("answer_json");
}

console.error = () => {}; // what ends Python goes to the page, which says so and starts it again

onmessage = async ({ data }) => {
  if (data.engine) {
    try {
      await start(data.base, data.engine);
      postMessage({ ready: true });
    } catch (error) {
      postMessage({ broken: String(error) });
    }
    return;
  }
  try {
    postMessage({ id: data.id, answer: answer?.(JSON.stringify(data.request)) });
  } catch (error) {
    postMessage({ id: data.id, crash: String(error) });
  }
};
