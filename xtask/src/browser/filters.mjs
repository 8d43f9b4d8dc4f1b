// SPDX-License-Identifier: Apache-2.0
// Each filter shows what it should, says how much that is, and is worked from the keyboard.

import { read, subjects, writing } from "./expected.mjs";

export async function filters({ notes, open, report, map, check }) {
  const { findings } = read(check);
  const all = subjects(read(map).workloads, findings);
  const noun = all.some((it) => it.workload === null) ? "object" : "workload";
  const page = await open(report);
  const status = page.getByRole("status");
  /** What there is when all of it is unfolded. */
  const shown = () =>
    page.evaluate(() => {
      dispatchEvent(new Event("beforeprint"));
      const number = (selector) => document.querySelectorAll(`#sections ${selector}`).length;
      return { sections: number("article"), findings: number("details.finding"), rows: number(".picture tbody tr") };
    });
  const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
  /** Checks what is shown: sections with the findings that are left of each. */
  const expectShown = async (kept, what) => {
    const found = kept.flatMap((it) => it.findings).length;
    notes.same(
      await status.textContent(),
      kept.length === 0
        ? "Nothing matches the filters"
        : `Showing ${kept.length} of ${counted(all.length, noun)}, ${found} of ${counted(findings.length, "finding")}`,
      what,
    );
    const { sections, findings: rows } = await shown();
    notes.same([sections, rows], [kept.length, found], `${what}: sections and findings`);
  };
  const only = (isWanted) => all.map((it) => ({ ...it, findings: it.findings.filter(isWanted) }));
  const withFindings = (kept) => kept.filter((it) => it.findings.length > 0);
  await expectShown(all, "without a filter");

  // Text: a workload's name, a path, and what a finding says; Escape forgets it.
  for (const word of [all[0].workload.name, "/etc/google", "EACCES", "no such thing anywhere"]) {
    await page.keyboard.press("/");
    notes.same(await page.evaluate(() => document.activeElement.id), "words", "where / leads");
    await page.keyboard.type(word);
    const lower = word.toLowerCase();
    const kept = all.map((it) => ({
      ...it,
      own: it.words.includes(lower),
      findings: it.findings.filter(
        ({ code, name, message }) => it.words.includes(lower) || `${code} ${name} ${message}`.toLowerCase().includes(lower),
      ),
    }));
    await expectShown(
      kept.filter((it) => it.own || it.findings.length > 0),
      `the text ${word}`,
    );
    await page.keyboard.press("Escape");
    await expectShown(all, `after Escape from ${word}`);
    await page.keyboard.press("Escape");
    notes.expect(await page.evaluate(() => document.activeElement === document.body), "Escape does not leave the filter");
  }

  for (const severity of ["error", "warning", "info"]) {
    const chip = page.locator(`.chip.${severity}`);
    const kept = only((finding) => finding.severity === severity);
    notes.same(
      await chip.locator(".number").textContent(),
      String(kept.flatMap((it) => it.findings).length),
      `the number of ${severity}`,
    );
    await chip.focus();
    await page.keyboard.press(" ");
    notes.same(await chip.getAttribute("aria-pressed"), "true", `${severity} is pressed`);
    await expectShown(withFindings(kept), severity);
    await page.keyboard.press(" ");
  }

  for (const answer of ["yes", "no", "unknown"]) {
    const chip = page.locator(`.chip.${answer}`);
    const is = (path) => path !== null && path[writing(path)].verdict === answer;
    const number = all.flatMap((it) => it.rows.flatMap((row) => row.cells)).filter(is).length;
    notes.same(await chip.locator(".number").textContent(), String(number), `the number of ${answer}`);
    await chip.focus();
    await page.keyboard.press("Enter");
    const kept = all.filter((it) => it.rows.some((row) => row.cells.some(is)));
    await expectShown(kept, answer);
    const rows = kept.flatMap((it) => it.rows.filter((row) => row.cells.some(is))).length;
    notes.same((await shown()).rows, rows, `rows with ${answer}`);
    await page.keyboard.press("Enter");
  }

  // A select is worked by typing the beginning of what is wanted.
  const { code } = findings[0];
  const rule = page.getByLabel("Rule");
  await rule.focus();
  await page.keyboard.type(code);
  await page.keyboard.press("Tab");
  await expectShown(withFindings(only((finding) => finding.code === code)), code);
  await rule.selectOption("");

  const wanted = all[1];
  const object = page.getByLabel("Object", { exact: true });
  await object.selectOption({ label: wanted.title });
  await expectShown([wanted], "one object");

  // A finding that a filter hides is shown when it is asked for.
  const hidden = findings.find((finding) => !wanted.findings.includes(finding));
  await page.evaluate((id) => (location.hash = id), `#f-${hidden.fingerprint}`);
  await page.waitForFunction((id) => document.activeElement.id === id, `f-${hidden.fingerprint}`);
  notes.same(await object.inputValue(), "", "the filter that hid a finding");
  await expectShown(all, "after a hidden finding was asked for");
}
