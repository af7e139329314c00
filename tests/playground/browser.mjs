// A static server for a folder, as GitHub Pages is one, and a headless Chromium that looks at it.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";

const require = createRequire(new URL("../../docs/playground/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const TYPES = {
  ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
  ".json": "application/json", ".wasm": "application/wasm", ".svg": "image/svg+xml", ".png": "image/png",
};

/** Serve a folder. `requests` are the paths that were asked for, `bytes` what was sent. */
export async function serve(folder) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    const file = join(folder, normalize(path), path.endsWith("/") ? "index.html" : "");
    log.requests.push(path);
    try {
      const data = await readFile(file);
      log.bytes += data.length;
      response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
      response.end(data);
    } catch {
      response.writeHead(404).end();
    }
  });
  const log = { requests: [], bytes: 0, url: "", close: () => server.close() };
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  log.url = `http://127.0.0.1:${server.address().port}/`;
  return log;
}

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}
