// SPDX-License-Identifier: Apache-2.0
// Where no script runs, the page is a summary that can be read.

import { nameOf, printable, read } from "./expected.mjs";

/** As the summary has it: more rows are counted. */
const MOST_ROWS = 200;

export async function withoutScript({ notes, open, report, map, check }) {
  const { findings, summary } = read(check);
  const page = await open(report, { javaScriptEnabled: false, viewport: { width: 360, height: 780 } });
  const text = await page.locator("main").innerText();
  const rows = (await page.locator("main tbody tr").allInnerTexts()).map((row) => row.split("\t"));
  for (const finding of findings.slice(0, MOST_ROWS)) {
    const [{ file, line }] = finding.locations;
    const expected = [finding.severity, finding.code, `${printable(file)}:${line}`];
    notes.expect(
      rows.some((row) => expected.every((cell, at) => row[at]?.trim() === cell.trim())),
      `${expected} is not in the summary`,
    );
  }
  for (const [code, number] of Object.entries(summary.byRule)) {
    notes.expect(
      rows.some((row) => row[0] === code && Number(row[2]) === number),
      `the summary does not count ${code}`,
    );
  }
  const workloads = read(map).workloads;
  for (const workload of workloads.slice(0, MOST_ROWS)) {
    const name = `${printable(workload.kind)} ${nameOf(workload)}`.replace(/ +/g, " ").trim();
    notes.expect(text.includes(name), `the summary does not have ${name}`);
  }
  if (findings.length > MOST_ROWS || workloads.length > MOST_ROWS) {
    notes.expect(/And \d+ more\./.test(text), "what has no room is not counted");
  }
  const width = await page.locator("html").evaluate((html) => html.scrollWidth);
  notes.expect(width <= 360, `without a script the page is ${width} wide on a phone`);
}
