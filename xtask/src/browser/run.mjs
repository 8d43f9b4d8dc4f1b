// SPDX-License-Identifier: Apache-2.0
// Looks at the report in a real browser, as a reader does. It is given one JSON file that says where everything is, and
// prints a JSON object for each test: its name, how much it looked at, and what is wrong.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import { contents } from "./contents.mjs";
import { filters } from "./filters.mjs";
import { keyboard } from "./keyboard.mjs";
import { lazy } from "./lazy.mjs";
import { looks } from "./looks.mjs";
import { print } from "./print.mjs";
import { drawing } from "./drawing.mjs";
import { withoutScript } from "./without_script.mjs";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { chromium } = createRequire(import.meta.url)(plan.playwright);

/** What a test has to say. */
class Notes {
  constructor() {
    this.looked = 0;
    this.problems = [];
  }

  /** Something that has to be so. */
  expect(is, problem) {
    this.looked += 1;
    if (!is) {
      this.problems.push(typeof problem === "function" ? problem() : problem);
    }
  }

  /** Two values that have to be the same. */
  same(found, expected, what) {
    const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
    this.expect(left === right, () => `${what}: found ${left}, expected ${right}`);
  }
}

const browser = await chromium.launch({
  executablePath: plan.chromium,
  headless: true,
  // Root has no sandbox in Chromium; and nothing that the browser does by itself may look like the page's doing.
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

/** Opens a file in a context of its own, and notes whatever the page says or asks for. */
async function open(notes, file, { address = "", mayLoad = null, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "light", ...options });
  const page = await context.newPage();
  const url = pathToFileURL(file).href;
  const known = [url, mayLoad && pathToFileURL(mayLoad).href];
  page.on("console", (message) => notes.problems.push(`console: ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => notes.problems.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    notes.problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    // A link within the page asks for the page itself.
    if (!known.includes(request.url().split("#")[0])) {
      notes.problems.push(`asks for ${request.url()}`);
    }
  });
  page.setDefaultTimeout(20_000);
  await page.goto(url + address);
  return page;
}

/** The tests, each for the cases that it is about. */
const tests = {
  contents: [contents, () => true],
  "without a script": [withoutScript, () => true],
  keyboard: [keyboard, (it) => it.name === "examples"],
  filters: [filters, (it) => it.name === "examples"],
  looks: [looks, (it) => it.name !== "many"],
  lazy: [lazy, (it) => it.name === "many"],
  print: [print, (it) => it.name === "examples"],
  drawing: [drawing, (it) => it.name !== "many"],
};

for (const subject of plan.cases) {
  for (const [name, [test, isFor]] of Object.entries(tests)) {
    if (!isFor(subject)) {
      continue;
    }
    const notes = new Notes();
    try {
      await test({ ...subject, notes, plan, open: (file, options) => open(notes, file, options) });
    } catch (error) {
      notes.problems.push(`stopped: ${error.stack ?? error}`);
    }
    for (const context of browser.contexts()) {
      await context.close();
    }
    console.log(JSON.stringify({ case: subject.name, test: name, looked: notes.looked, problems: notes.problems }));
  }
}
await browser.close();
