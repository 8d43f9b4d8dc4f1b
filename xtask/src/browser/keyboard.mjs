// SPDX-License-Identifier: Apache-2.0
// All of the page from the keyboard alone: nothing here touches a mouse.

import { answerOf, cells, read, writing } from "./expected.mjs";

export async function keyboard({ notes, open, report, map, check }) {
  const page = await open(report);
  const press = (key) => page.keyboard.press(key);
  const focused = (expression = "it => it.tagName") =>
    page.evaluate(`(${expression})(document.activeElement)`);

  // The first stop leads past everything above the report.
  await press("Tab");
  notes.same(await focused("it => it.textContent"), "Skip to the report", "the first stop");
  await press("Enter");
  notes.same(await focused("it => it.id"), "results", "where the first stop leads");

  await stops(notes, page);
  await grid(notes, page, read(map).workloads);
  await jumps(notes, page);
  await theme(notes, page);
  await addresses(notes, open, report, read(check).findings);
}

/** Every stop of the Tab key can be seen, has a name, and there is a way to the end of the page and back. */
async function stops(notes, page) {
  await page.evaluate(() => document.activeElement.blur());
  await page.evaluate(() => scrollTo(0, 0));
  const seen = [];
  for (let stop = 0; stop < 200; stop += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const it = document.activeElement;
      if (it === document.body || it === null) {
        return null;
      }
      const { outlineStyle, outlineWidth } = getComputedStyle(it);
      const { width, height, bottom, top } = it.getBoundingClientRect();
      return {
        name: (it.getAttribute("aria-label") ?? it.labels?.[0]?.textContent ?? it.textContent).trim(),
        marked: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
        inSight: width > 0 && height > 0 && bottom > 0 && top < innerHeight,
        isCell: it.matches("td"),
        tag: it.outerHTML.slice(0, 80),
      };
    });
    if (at === null) {
      break;
    }
    seen.push(at);
    notes.expect(at.name !== "", `a stop without a name: ${at.tag}`);
    notes.expect(at.marked, `the focus is not to be seen: ${at.tag}`);
    notes.expect(at.inSight, `the focus is out of sight: ${at.tag}`);
  }
  const pictures = await page.locator("details.subject[open] .picture").count();
  notes.same(seen.filter((it) => it.isCell).length, pictures, "stops in pictures");
  notes.expect(pictures > 2 && seen.length < 200, `${seen.length} stops, ${pictures} in pictures`);
}

/** Moves through the picture with the most containers as the ARIA pattern of a grid says. */
async function grid(notes, page, workloads) {
  const workload = workloads.toSorted((a, b) => b.containers.length - a.containers.length)[0];
  const rows = cells(workload);
  const [height, width] = [rows.length, workload.containers.length];
  notes.expect(height > 2 && width > 1, "no example has several containers");
  const name = workload.namespace ? `${workload.namespace}/${workload.name}` : workload.name;
  const first = page.getByRole("grid", { name: `Write map of ${workload.kind} ${name}` });
  // Its section may be folded.
  const section = page.locator("details.subject", { has: page.locator("summary", { hasText: name }) }).first();
  if (!(await section.evaluate((it) => it.open))) {
    await section.locator("summary").first().focus();
    await page.keyboard.press("Enter");
  }
  await first.locator('td[tabindex="0"]').focus();
  const place = () =>
    page.evaluate(() => {
      const cell = document.activeElement.closest("td");
      return cell ? [cell.closest("tr").rowIndex - 1, cell.cellIndex - 1] : null;
    });
  const start = await place();
  let [row, column] = start;
  const moves = {
    "Control+Home": () => [0, 0],
    ArrowDown: () => [Math.min(row + 1, height - 1), column],
    ArrowRight: () => [row, Math.min(column + 1, width - 1)],
    End: () => [row, width - 1],
    ArrowLeft: () => [row, Math.max(column - 1, 0)],
    "Control+End": () => [height - 1, width - 1],
    ArrowUp: () => [Math.max(row - 1, 0), column],
    Home: () => [row, 0],
    PageUp: () => [Math.max(row - 10, 0), column],
    PageDown: () => [Math.min(row + 10, height - 1), column],
  };
  const walk = [
    "Control+Home", "ArrowUp", "ArrowLeft", "ArrowDown", "ArrowRight", "ArrowRight", "Home", "End", "PageUp", "PageDown",
    "ArrowDown", "Control+End", "ArrowUp", "ArrowLeft", "Control+Home",
  ];
  for (const key of walk) {
    await page.keyboard.press(key);
    [row, column] = moves[key]();
    notes.same(await place(), [row, column], `after ${key}`);
    notes.same(await first.locator('td[tabindex="0"]').count(), 1, `stops of the Tab key after ${key}`);
  }

  // To a cell of which something is said.
  const target = rows.findIndex((it) => it.cells[0] !== null);
  for (let at = 0; at < target; at += 1) {
    await page.keyboard.press("ArrowDown");
  }
  const panel = page.locator("#derivation");
  const shows = async () => [await panel.locator("h2").textContent(), await panel.locator(".act strong").allTextContents()];
  await page.keyboard.press("Enter");
  notes.same(await page.evaluate(() => document.activeElement.id), "derivation", "where Enter leads");
  const path = rows[target].cells[0];
  const [title, answers] = await shows();
  notes.same(title, rows[target].path, "the derivation is of another path");
  notes.expect(answers.includes(answerOf(path[writing(path)])), `the derivation has the answers ${answers}`);
  await page.keyboard.press("Escape");
  notes.same([await panel.isVisible(), await place()], [false, [target, 0]], "after Escape");

  // Space leaves the reader in the picture, and the panel follows.
  await page.keyboard.press(" ");
  notes.same([await panel.isVisible(), await place()], [true, [target, 0]], "after Space");
  const next = rows.findIndex((it, at) => at > target && it.cells[0] !== null);
  for (let at = target; at < next; at += 1) {
    await page.keyboard.press("ArrowDown");
  }
  notes.same((await shows())[0], rows[next].path, "the derivation that follows the arrow keys");
  await page.keyboard.press("Escape");
  notes.same([await panel.isVisible(), await place()], [false, [next, 0]], "after Escape");
}

/** From a finding to its container in the picture, and from a cell's derivation back to the finding. */
async function jumps(notes, page) {
  const finding = page.locator("details.finding").first();
  const id = await finding.locator("summary").getAttribute("id");
  await finding.locator("summary").focus();
  const wasOpen = await finding.evaluate((it) => it.open);
  await page.keyboard.press("Enter");
  notes.same(await finding.evaluate((it) => it.open), !wasOpen, "after Enter on a finding");
  if (wasOpen) {
    await page.keyboard.press("Enter");
  }
  await finding.getByRole("button", { name: "Show in the write map" }).focus();
  await page.keyboard.press("Enter");
  notes.same(await page.evaluate(() => document.activeElement.tagName), "TD", "where a finding leads");

  await page.keyboard.press("Enter");
  await page.locator("#derivation .jumps button").first().focus();
  await page.keyboard.press("Enter");
  const there = await page.evaluate(() => {
    const it = document.activeElement;
    const { top } = it.getBoundingClientRect();
    return [it.tagName, it.id, it.closest("details").open, top >= 0 && top < innerHeight];
  });
  notes.same(there, ["SUMMARY", id, true, true], "where the derivation's finding is");
  await page.keyboard.press("Escape");
}

/** The button changes the theme, and says which one it is. */
async function theme(notes, page) {
  const button = page.getByRole("button", { name: /^Theme/ });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await button.focus();
  const seen = [[await button.textContent(), await ground()]];
  for (let press = 0; press < 3; press += 1) {
    await page.keyboard.press("Enter");
    seen.push([await button.textContent(), await ground()]);
  }
  const [auto, light, dark, again] = seen;
  notes.same(seen.map(([name]) => name), ["Theme: auto", "Theme: light", "Theme: dark", "Theme: auto"], "themes");
  notes.same([light[1], again[1]], [auto[1], auto[1]], "the ground on a light system");
  notes.expect(dark[1] !== light[1], "dark is as light");
}

/** A finding's address leads to it, opened. */
async function addresses(notes, open, report, findings) {
  const last = findings.at(-1);
  const page = await open(report, { address: `#f-${last.fingerprint}` });
  const there = await page.evaluate(() => [document.activeElement.id, document.activeElement.closest("details")?.open]);
  notes.same(there, [`f-${last.fingerprint}`, true], "where the address of a finding leads");
}
