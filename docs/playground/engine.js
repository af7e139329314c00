// Python in a worker: answers one request at a time, and is started anew when it hangs or breaks.
// @ts-check

/**
 * @typedef {{text: string, input: string, batch: string, network: string, constants: string}} Request
 * @typedef {{answer?: any, crash?: string, late?: boolean}} Reply
 */

/** How long a request may take, in seconds. */
export const LIMIT = 10;
/** How long Python may take to start, in seconds: on a slow line it is loaded first. */
const START_LIMIT = 180;

export class Engine {
  /**
   * @param {URL} base where the files of the playground are
   * @param {(status: string) => void} tell shows what the engine does
   */
  constructor(base, tell) {
    this.base = base;
    this.tell = tell;
    /** @type {Worker | null} */
    this.worker = null;
    /** @type {Promise<void> | null} */
    this.ready = null;
    /** @type {((message: any) => void) | null} */
    this.listener = null;
    this.count = 0;
    /** Whether code of a user's has run. */
    this.used = false;
  }

  /** Start Python unless it runs. @returns {Promise<void>} */
  start() {
    this.ready ??= this.launch().catch((error) => {
      this.stop();
      throw error;
    });
    return this.ready;
  }

  async launch() {
    const found = await fetch(new URL("engine/engine.json", this.base));
    if (!found.ok) throw new Error("this copy of the site was built without the playground's engine");
    const engine = await found.json();
    // A worker made of a blob inherits the page's security policy, so that code in it cannot reach other sites.
    const script = `import ${JSON.stringify(new URL("worker.js", this.base).href)};postMessage({loaded: true})`;
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    const worker = new Worker(url, { type: "module" });
    this.worker = worker;
    worker.onmessage = ({ data }) => this.listener?.(data);
    worker.onerror = (event) => this.listener?.({ broken: event.message || "the worker stopped", crash: event.message });
    const loaded = await this.message(START_LIMIT);
    URL.revokeObjectURL(url);
    if (loaded.broken) throw new Error(loaded.broken);
    worker.postMessage({ engine, base: new URL("engine/", this.base).href });
    const started = await this.message(START_LIMIT);
    this.used = false;
    if (!started.ready) throw new Error(started.broken ?? "Python did not start in time");
  }

  /** @param {number} seconds @returns {Promise<any>} the worker's next message; {late: true} if there is none in time */
  message(seconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve({ late: true }), seconds * 1000);
      this.listener = (data) => {
        clearTimeout(timer);
        resolve(data);
      };
    });
  }

  stop() {
    this.worker?.terminate();
    this.worker = this.ready = this.listener = null;
  }

  /**
   * @param {Request} request
   * @returns {Promise<Reply>}
   */
  async ask(request) {
    await this.start();
    const used = this.used;
    const reply = await this.attempt(request);
    // Code that ran before may have broken Python: a new one judges.
    return reply.crash && used && !reply.late ? this.ask(request) : reply;
  }

  /**
   * @param {Request} request
   * @returns {Promise<Reply>}
   */
  async attempt(request) {
    const id = ++this.count;
    this.worker?.postMessage({ id, request });
    const reply = await this.message(LIMIT);
    if (reply.id === id && reply.answer) {
      const answer = JSON.parse(reply.answer);
      this.used ||= answer.ran;
      if (answer.changed) this.stop();
      return { answer };
    }
    this.stop(); // what ran may have left Python in any state
    if (reply.late) return { late: true, crash: `It ran for ${LIMIT} seconds and was stopped. Is there an endless loop?` };
    return { crash: cause(reply.crash ?? "") };
  }
}

/** @param {string} error @returns {string} what stopped Python, in a sentence */
function cause(error) {
  if (/MemoryError|memory|RangeError: (Invalid|Array)/.test(error)) return "It needs more memory than the browser gives.";
  if (/RecursionError|call stack|recursion/i.test(error)) return "It calls itself too deeply.";
  const last = error.trim().split("\n").pop() ?? "";
  return `Python stopped: ${last.slice(0, 300) || "no reason is known"}.`;
}
