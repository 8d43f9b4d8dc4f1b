// SPDX-License-Identifier: Apache-2.0
// The picture says what `map --format json` says, cell by cell, with every derivation (of a large repository, those of
// some workloads); the findings are those of `check --format json`; and there is nothing else on the page.

import { OPERATIONS, answerOf, cells, derivation, nameOf, plain, printable, read, writing } from "./expected.mjs";

export async function contents({ notes, open, report, mapPage, map, check }) {
  const workloads = read(map).workloads;
  const page = await open(report);
  const every = workloads.length > 100 ? 16 : 1;
  const shown = await everything(page, every);
  const sections = shown.filter((section) => section.isWorkload);
  notes.same(sections.length, workloads.length, "workloads");
  compare(notes, sections, workloads, every);
  compareFindings(notes, shown, read(check).findings);

  for (const operation of OPERATIONS) {
    await page.evaluate((value) => {
      const select = document.getElementById("filter-operation");
      select.value = value;
      select.dispatchEvent(new Event("change"));
    }, operation);
    const answers = (await everything(page, 0)).filter((section) => section.isWorkload);
    const expected = sortedWorkloads(workloads).map((it) =>
      cells(it).map((row) => row.cells.map((path) => (path ? answerOf(path[operation]) : "not mapped"))),
    );
    const found = sortedSections(answers).map((it) => it.rows.map((row) => row.cells.map((cell) => cell.answer)));
    notes.same(found, expected, `the answers for ${operation}`);
  }
  await strangers(notes, page);

  // The page of `map` has the same picture, and no findings.
  const alone = await open(mapPage);
  const mapped = await everything(alone, 0);
  notes.same(mapped.length, workloads.length, "workloads on the page of map");
  notes.same(mapped.flatMap((section) => section.findings).length, 0, "findings on the page of map");
  await strangers(notes, alone);
}

/** What the page shows, all of it unfolded, and what is in the panel of each cell of `every`th section. */
function everything(page, every) {
  return page.evaluate((every) => {
    dispatchEvent(new Event("beforeprint"));
    const isLooked = (index) => every > 0 && index % every === 0;
    const text = (element, selector) => element.querySelector(selector)?.textContent ?? null;
    const texts = (element, selector) => [...element.querySelectorAll(selector)].map((it) => it.textContent);
    const shown = [...document.querySelectorAll("#sections > article")].map((article, index) => ({
      isWorkload: article.hasAttribute("data-workload"),
      kind: text(article, ".kind"),
      name: text(article, "summary h2 .name"),
      file: text(article, "summary .file"),
      starts: texts(article, ".starts li"),
      containers: texts(article, ".picture thead th .name"),
      rows: [...article.querySelectorAll(".picture tbody tr")].map((row) => ({
        path: text(row, "th"),
        cells: [...row.querySelectorAll("td")].map((cell) => ({
          answer: (cell.querySelector(".answer") ?? cell).textContent,
          classes: cell.className,
          derivation: isLooked(index) && cell.querySelector(".answer") !== null && derivationOf(cell),
        })),
      })),
      findings: [...article.querySelectorAll("details.finding")].map((finding) => ({
        id: finding.querySelector("summary").id,
        code: text(finding, ".code"),
        severity: finding.className.split(" ")[1],
        message: text(finding, ".message"),
        why: texts(finding, ".why li"),
        help: text(finding, ".help"),
        fixes: texts(finding, ".fix"),
        files: texts(finding, "figcaption"),
        marked: texts(finding, "mark.primary").join("\n"),
        notes: texts(finding, ".note.primary"),
      })),
    }));
    return shown;

    function derivationOf(cell) {
      cell.click();
      const panel = document.getElementById("derivation");
      return {
        path: panel.querySelector("h2").textContent,
        container: panel.querySelector(".where .name").textContent,
        groups: [...panel.querySelectorAll(".act")].map((act) => ({
          operations: act.dataset.operations.split(" "),
          verdict: act.dataset.verdict,
          errno: act.dataset.errno ?? null,
          why: [...act.querySelectorAll("li")].map((step) => step.textContent),
        })),
      };
    }
  }, every);
}

/** Sections come by how bad their findings are, the JSON document by input: here both by place and name. */
const sorted = (list, key) => list.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
const sortedSections = (list) => sorted(list, (it) => [it.file.replace(/:\d+$/, ""), it.kind, it.name].join("\n"));
const sortedWorkloads = (list) =>
  sorted(list, (it) => [printable(it.file), printable(it.kind), nameOf(it)].join("\n"));

function compare(notes, sections, workloads, every) {
  const found = sortedSections(sections);
  sortedWorkloads(workloads).forEach((workload, index) => {
    const section = found[index];
    const what = `${workload.kind} ${workload.name}`;
    notes.same([section?.kind, section?.name], [printable(workload.kind), nameOf(workload)], what);
    if (!section) {
      return;
    }
    notes.same(section.containers, workload.containers.map(({ name }) => printable(name)), `${what}: containers`);
    notes.same(section.starts, workload.starts.verdict === "yes" ? [] : workload.starts.why.map(plain), `${what}: starts`);
    const rows = cells(workload);
    notes.same(section.rows.map((row) => row.path), rows.map((row) => row.path), `${what}: paths`);
    rows.forEach((row, at) =>
      row.cells.forEach((path, column) => {
        const cell = section.rows[at]?.cells[column];
        const where = `${what}: ${row.path}: column ${column}`;
        if (path === null) {
          notes.same(cell?.answer, "not mapped", where);
          return;
        }
        const verdict = path[writing(path)];
        notes.same(cell?.answer, answerOf(verdict), where);
        notes.same(cell?.classes, `cell ${verdict.verdict}`, `${where}: looks`);
        if (cell?.derivation === false && every !== 1) {
          return;
        }
        notes.same(cell?.derivation?.path, row.path, `${where}: the derivation's path`);
        notes.same(cell?.derivation?.container, printable(workload.containers[column].name), `${where}: container`);
        notes.same(cell?.derivation?.groups, derivation(path), `${where}: derivation`);
      }),
    );
  });
}

function compareFindings(notes, sections, findings) {
  const found = sections.flatMap((section) => section.findings);
  notes.same(found.length, findings.length, "findings");
  for (const finding of findings) {
    const shown = found.find((it) => it.id === `f-${finding.fingerprint}`);
    const what = `${finding.code} ${finding.fingerprint}`;
    notes.expect(shown, `${what} is not on the page`);
    if (!shown) {
      continue;
    }
    const { code, severity, message, why, help, fixes } = shown;
    notes.same(
      { code, severity, message, why, help, fixes },
      {
        code: finding.code,
        severity: finding.severity,
        message: plain(finding.message),
        why: finding.why.map(plain),
        help: finding.help && plain(finding.help),
        fixes: finding.fixes.map(({ title, safe, inPlace }) =>
          plain(`${title} (${inPlace ? "--fix" : "--output kustomize DIR"}${safe ? "" : " --unsafe-fixes"})`),
        ),
      },
      what,
    );
    const [primary] = finding.locations;
    notes.expect(shown.files[0]?.startsWith(`${printable(primary.file)}:`), `${what}: its excerpt is of ${shown.files[0]}`);
    notes.expect(shown.marked.length > 0 || primary.column === primary.endColumn, `${what}: nothing is marked`);
    notes.same(shown.notes, primary.label ? [plain(primary.label)] : [], `${what}: what is said at the mark`);
  }
}

/** Elements that no report has: they would have come out of a manifest. */
async function strangers(notes, page) {
  const found = await page.evaluate(() => ({
    elements: [...document.querySelectorAll("img, iframe, object, embed, link, form form, base, video, audio, a[href]")]
      .filter((it) => !it.getAttribute("href")?.startsWith("#"))
      .map((it) => it.outerHTML),
    scripts: document.scripts.length,
    styles: document.querySelectorAll("style, [style]").length,
    handlers: [...document.querySelectorAll("*")].filter((it) => [...it.attributes].some(({ name }) => name.startsWith("on"))).length,
  }));
  notes.same(found, { elements: [], scripts: 2, styles: 1, handlers: 0 }, "elements");
}
