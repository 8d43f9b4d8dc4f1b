// SPDX-License-Identifier: Apache-2.0
// On paper everything is unfolded, light, and without what can only be clicked.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

export async function print({ notes, open, plan, report }) {
  const page = await open(report, { colorScheme: "dark", viewport: { width: 800, height: 1000 } });
  await page.evaluate(() => {
    const folded = () => [...document.querySelectorAll("#sections details:not([open])")];
    const seen = { before: folded() };
    globalThis.seen = seen;
    addEventListener("beforeprint", () => {
      seen.onPaper = folded().length;
      seen.empty = [...document.querySelectorAll("#sections details")].filter((it) => it.children.length < 2).length;
    });
    addEventListener("afterprint", () => (seen.after = seen.before.filter((it) => it.open).length));
  });
  const paper = await page.pdf({ format: "A4" });
  const { before, ...seen } = await page.evaluate(() => ({ ...globalThis.seen, before: globalThis.seen.before.length }));
  notes.expect(before > 0, "nothing was folded before");
  notes.same(seen, { onPaper: 0, empty: 0, after: 0 }, "what is folded or empty on paper, and unfolded after");
  notes.expect(paper.subarray(0, 5).toString() === "%PDF-" && paper.length > 20_000, `${paper.length} bytes of paper`);
  if (plan.screenshots) {
    writeFileSync(join(plan.screenshots, "examples-report.pdf"), paper);
  }

  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const looks = await page.evaluate(() => ({
    scheme: getComputedStyle(document.documentElement).colorScheme,
    shown: [".filters", ".theme", "#derivation", ".help-line"].filter((it) => getComputedStyle(document.querySelector(it)).display !== "none"),
  }));
  notes.same(looks, { scheme: "light", shown: [] }, "on paper");
}
