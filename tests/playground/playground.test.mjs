// The playground in a browser: SITE is a folder that holds it, CHROMIUM the browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, afterEach, before, test } from "node:test";
import { launch, serve } from "./browser.mjs";

const LENET = readFileSync(new URL("../../examples/lenet.yaml", import.meta.url), "utf8");
const LOOP = "from torch import nn\nclass Net(nn.Module):\n    def forward(self, x):\n        while True:\n            pass\n";
const PATIENCE = 120_000;

let site, browser, page, problems, startup;

before(async () => {
  site = await serve(process.env.SITE);
  browser = await launch();
  const started = Date.now();
  page = await open();
  await page.locator(".out").waitFor();
  startup = Date.now() - started;
});

after(async () => {
  await browser?.close();
  site?.close();
});

afterEach(() => assert.deepEqual(problems.splice(0), [], "the console stays clean"));

async function open(link = "", options = {}) {
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"], ...options });
  const opened = await context.newPage();
  problems = [];
  opened.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
  opened.on("pageerror", (error) => problems.push(String(error)));
  opened.setDefaultTimeout(PATIENCE);
  await opened.goto(`${site.url}playground/index.html${link}`);
  return opened;
}

/** Fill the fields, and return the text of the result once it is there. */
async function answer(content, on = page) {
  for (const field of ["text", "input", "batch", "network", "constants"])
    await on.locator(`#${field}`).evaluate((node, value) => (node.value = value), content[field] ?? "");
  const before = await answers(on);
  await on.locator("#text").dispatchEvent("input");
  await on.waitForFunction((count) => Number(document.documentElement.dataset.answers ?? 0) > count, before);
  await settled(on);
  return on.locator("#result").innerText();
}

const answers = (on) => on.evaluate(() => Number(document.documentElement.dataset.answers ?? 0));
const settled = (on) => on.waitForFunction(() => !/Computing|Starting/.test(document.querySelector("#status").textContent));
const status = (on = page) => on.locator("#status").innerText();

test("it starts with an example, its size and its picture", async () => {
  await page.locator(".out").waitFor();
  assert.equal(await page.locator(".out").innerText(), "1×6×5×5");
  assert.match(await page.locator("#result").innerText(), /⌊\(12 \+ 2·1 − 1·\(5 − 1\) − 1\) \/ 2⌋ \+ 1 = 5/);
  assert.ok(await page.locator("figure img").evaluate((image) => image.decode().then(() => image.naturalWidth > 100)));
});

test("a layer is answered as one types", async () => {
  await page.locator("#input").fill("3x32x32");
  await page.locator("#text").fill("");
  await page.locator("#text").pressSequentially("Conv2d(3, 6, 5)");
  await page.getByText("1×6×28×28").first().waitFor();
  assert.match(await status(), /It fits. Output: 1×6×28×28/);
});

test("a network file has a table with its totals", async () => {
  const shown = await answer({ text: LENET });
  assert.match(shown, /pool2\s+MaxPool2d\(2\)\s+1×16×5×5/);
  assert.match(shown, /62,006/);
  assert.equal(await page.locator("tbody tr").count(), 12);
});

test("an error comes with its line and a fix, and the button selects the line", async () => {
  const shown = await answer({ text: LENET, input: "3x36x36" });
  assert.match(shown, /fc1: Linear\(400, 120\).*576/);
  assert.match(shown, /Fix: Linear\(576, 120\)/);
  assert.equal(await status(), "The shapes don't fit.");
  await page.getByRole("button", { name: "Line 13" }).click();
  const line = await page.locator("#text").evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
  assert.equal(line, "  fc1: Linear(16*5*5, 120)");
});

test("PyTorch source, its class, batch and constants have fields", async () => {
  const source = readFileSync(new URL("../../docs/playground/examples/net.py", import.meta.url), "utf8");
  const shown = await answer({ text: source, input: "3x32x32", network: "Net(classes=2)", batch: "7" });
  assert.match(shown, /7×2/);
  assert.match(shown, /max_pool2d/);
  assert.match(await answer({ text: "vars: {n: 4}\ninput: 3x8x8\nlayers:\n  c: Conv2d(3, n, 3)\n", constants: "n=9" }), /1×9×6×6/);
});

test("a PyTorch error is explained", async () => {
  assert.match(await answer({ text: "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x1568 and 1050x10)" }), /Linear\(1568, 10\)/);
});

test("the examples answer, and only those that should have errors", async () => {
  const titles = await page.locator("#example option").allInnerTexts();
  assert.ok(titles.length > 8);
  for (const title of titles.slice(1)) {
    const before = await answers(page);
    await page.locator("#example").selectOption({ label: title });
    await page.waitForFunction((count) => Number(document.documentElement.dataset.answers) > count, before);
    await settled(page);
    assert.equal(await page.locator(".error").count(), /error$|doesn't fit/.test(title) && !/A PyTorch/.test(title) ? 1 : 0, title);
  }
});

test("a link carries everything, and nothing is sent", async () => {
  await answer({ text: LENET, input: "3x36x36", batch: "4" });
  await page.locator("#share").click();
  await page.getByText("Link copied").waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const before = site.requests.length;
  const other = await open(new URL(link).hash);
  await other.locator(".error").waitFor();
  assert.equal(await other.locator("#text").inputValue(), LENET);
  assert.equal(await other.locator("#batch").inputValue(), "4");
  assert.match(await other.locator("#result").innerText(), /576/);
  assert.ok(site.requests.slice(before).every((path) => !path.includes("Conv") && !path.includes("LeNet")));
  await other.context().close();
});

test("an endless loop is stopped, and the next answer comes", async () => {
  const started = Date.now();
  assert.match(await answer({ text: LOOP, input: "3x8x8" }), /stopped. Is there an endless loop/);
  assert.ok(Date.now() - started < 20_000 + 2 * startup);
  await page.locator("#text").focus(); // the page itself was never blocked
  assert.match(await answer({ text: "Linear(4, 2)", input: "4" }), /1×2/);
});

test("the page answers while code runs", async () => {
  await page.locator("#text").fill(LOOP);
  await page.waitForTimeout(1000);
  const started = Date.now();
  await page.locator("#input").fill("3x9x9");
  assert.equal(await page.locator("#input").inputValue(), "3x9x9");
  assert.ok(Date.now() - started < 1000);
  assert.match(await answer({ text: "Linear(4, 2)", input: "4" }), /1×2/);
});

const deep = (depth) => "(".repeat(depth) + ")".repeat(depth);
const wide = `layers:\n${"  - ReLU()\n".repeat(20_000)}`;
const BOMBS = {
  "aliases that multiply": `a: &a [x, x]\n${Array.from({ length: 40 }, (_, i) => `b${i}: &b${i} [*a, *a, *a]`).join("\n")}\nlayers: [*b9]`,
  "deep brackets": deep(5000),
  "brackets of a layer": `Linear(${deep(900)}, 2)`,
  "deep YAML": `layers: ${"[".repeat(3000)}`,
  "a power that fills the memory": "Linear(9**9**9, 2)",
  "five megabytes": "x".repeat(5_000_000),
  "many layers": wide,
  "code that calls itself": "from torch import nn\ndef f(): return f()\nf()\n",
  "code that fills the memory": "from torch import nn\nx = []\nwhile True: x.append(bytearray(10**8))\n",
  "code that exits": "import sys\nfrom torch import nn\nsys.exit(3)\n",
  "code that breaks Python": "from torch import nn\nimport builtins, json\nbuiltins.len = None\njson.dumps = None\n",
  "code that clears its modules": "from torch import nn\nimport sys\nsys.modules.clear()\n",
  "control characters": "\u0000\u001b[31m\u202e",
  "half a surrogate": "name: \ud800\nlayers: [ReLU()]",
};
for (const [what, text] of Object.entries(BOMBS))
  test(`it survives ${what}`, async () => {
    const started = Date.now();
    const shown = await answer({ text, input: "3x8x8" });
    assert.ok(shown.length > 10, "something is said");
    assert.ok(Date.now() - started < 20_000 + 3 * startup, "within seconds");
    assert.match(await answer({ text: "Linear(4, 2)", input: "4" }), /1×2/);
  });

test("what code writes into the page is text, and code reaches no other site", async () => {
  const shown = await answer({ text: "name: <img src=x onerror=alert(1)>\ninput: 4\nlayers:\n  fc: Linear(4, 2)\n" });
  assert.match(shown, /<img src=x/);
  const reach = (url) => "from torch import nn\nimport js\nrequest = js.XMLHttpRequest.new()\n" +
    `request.open('GET', '${url}', False)\nrequest.send()\nnet = nn.Linear(4, 2)\n`;
  const other = await serve(process.env.SITE);
  assert.match(await answer({ text: reach(`${other.url}playground/index.html`), input: "4" }), /NetworkError/);
  assert.deepEqual(other.requests, []);
  other.close();
  // The same request to the site itself arrives, so it was the page's policy that stopped the other.
  assert.match(await answer({ text: reach(`${site.url}playground/index.html`), input: "4" }), /1×2/);
  problems.splice(0);
});

test("what code replaces is whole again for the next answer", async () => {
  const patch = "import torch\nfrom torch import nn\nnn.Linear.forward = lambda self, x: torch.zeros(9, 9)\nnet = nn.Linear(4, 2)\n";
  assert.match(await answer({ text: patch, input: "4" }), /9×9/);
  assert.match(await answer({ text: "Linear(4, 2)", input: "4" }), /1×2/);
});

test("a phone sees it without scrolling sideways, in light and dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const phone = await open("", { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, colorScheme });
    await phone.locator("figure img").waitFor();
    await answer({ text: LENET }, phone);
    assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    assert.ok(await phone.locator("#share").isVisible());
    if (process.env.SHOTS) await phone.screenshot({ path: `${process.env.SHOTS}/phone-${colorScheme}.png`, fullPage: true });
    await phone.context().close();
    const desktop = await open("", { viewport: { width: 1280, height: 900 }, colorScheme });
    await desktop.locator("figure img").waitFor();
    await answer({ text: LENET, input: "3x36x36" }, desktop);
    if (process.env.SHOTS) await desktop.screenshot({ path: `${process.env.SHOTS}/desktop-${colorScheme}.png`, fullPage: true });
    await desktop.context().close();
  }
});

test("the keyboard reaches everything, and each field has a name", async () => {
  const names = [];
  await page.evaluate(() => document.activeElement?.blur());
  await answer({ text: LENET });
  await page.locator("header a").focus();
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press("Tab");
    names.push(await page.evaluate(() => document.activeElement?.id || document.activeElement?.className));
  }
  assert.deepEqual(names, ["example", "share", "text", "input", "batch", "network", "constants", "scroll"]);
  for (const name of ["Example", "Input", "Batch", /Network in source/, /Constants/, /A layer, a network file/])
    assert.equal(await page.getByLabel(name, { exact: typeof name === "string" }).count(), 1, String(name));
  assert.equal(await page.getByRole("status").count(), 1);
});

test("without WebAssembly it says so", async () => {
  const context = await browser.newContext();
  const bare = await context.newPage();
  await bare.addInitScript(() => delete globalThis.WebAssembly);
  await bare.goto(`${site.url}playground/index.html`);
  await bare.getByText("no WebAssembly").waitFor({ timeout: 5000 });
  await context.close();
});

test("the time and the bytes to the first answer", async (t) => {
  const [requests, bytes] = [site.requests.length, site.bytes];
  const started = Date.now();
  const fresh = await open();
  await fresh.locator(".out").waitFor();
  const seconds = (Date.now() - started) / 1000;
  t.diagnostic(`first answer after ${seconds.toFixed(1)} s, ${((site.bytes - bytes) / 1e6).toFixed(1)} MB in ${site.requests.length - requests} files`);
  assert.ok(site.bytes - bytes < 20e6);
  await fresh.context().close();
});
