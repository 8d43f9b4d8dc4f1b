// SPDX-License-Identifier: Apache-2.0
// A large repository: the page is there at once, with what is in sight and no more; the rest comes when it is asked for.

import { join } from "node:path";

import { read } from "./expected.mjs";
import { SIZES, fits } from "./looks.mjs";

export async function lazy({ name, notes, open, plan, report, map }) {
  const { workloads } = read(map);
  const page = await open(report);
  const made = () => page.locator("#sections > article").count();
  const elements = await page.evaluate(() => document.querySelectorAll("*").length);
  notes.expect(workloads.length > 400, `${workloads.length} workloads are few`);
  notes.expect((await made()) < 50, `${await made()} sections are made at once`);
  notes.expect(elements < 6000, `${elements} elements are made at once`);
  const ready = await page.evaluate(() => performance.getEntriesByType("navigation")[0].domComplete);
  notes.expect(ready < 5000, `it takes ${Math.round(ready)} ms until the page is there`);

  // What comes into sight is made.
  let before = await made();
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.waitForFunction((before) => document.querySelectorAll("#sections > article").length > before, before);

  // From the keyboard: the button makes the next ones, and goes to the first of them.
  before = await made();
  const more = page.locator(".more-sections");
  await page.evaluate(() => scrollTo(0, 0));
  await more.evaluate((it) => it.focus({ preventScroll: true }));
  await page.keyboard.press("Enter");
  const at = await page.evaluate(() => [...document.querySelectorAll("#sections > article")].indexOf(document.activeElement.closest("article")));
  notes.expect((await made()) > before, "the button shows no more");
  notes.expect(at >= before, `the button leads to section ${at} of ${before}`);

  // The filter is quick, and finds what is not made.
  const last = workloads.at(-1);
  await page.keyboard.press("/");
  const start = Date.now();
  await page.keyboard.type(last.name);
  await page.waitForFunction(() => document.querySelectorAll("#sections > article").length === 1);
  notes.expect(Date.now() - start < 5000, `filtering takes ${Date.now() - start} ms`);
  notes.expect(
    (await page.locator("#sections h2 .name").textContent()).endsWith(last.name),
    `${last.name} is not what is found`,
  );
  await page.context().close();

  for (const size of ["phone", "desktop"]) {
    const page = await open(report, { viewport: SIZES[size], colorScheme: "dark" });
    await fits(notes, page, size);
    if (plan.screenshots) {
      await page.screenshot({ path: join(plan.screenshots, `${name}-report-${size}-dark.png`) });
    }
  }
}
