// SPDX-License-Identifier: Apache-2.0
// The write map of one workload: paths down, containers across, an answer in each cell. It is a grid as the ARIA
// Authoring Practices describe it ("Grid (Interactive Tabular Data and Layout Containers) Pattern"): one stop of the
// Tab key, arrow keys within.

/** The picture of a subject, with the rows that `isWanted` lets through. */
function picture(subject, operation, isWanted) {
  const rows = rowsOf(subject).filter((row) => row.cells.some((path) => path && isWanted(path)));
  if (rows.length === 0) {
    return null;
  }
  const cells = rows.map((row) =>
    row.cells.map((path, column) => cell(path, { subject, container: subject.containers[column], path, operation })),
  );
  const grid = el(
    "table",
    {
      role: "grid",
      class: "picture",
      "aria-label": `Write map of ${subject.kind} ${subject.name}`,
      "aria-readonly": "true",
      "aria-describedby": "grid-help",
      keydown: (event) => move(event, cells),
    },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        el("th", { scope: "col" }, "Path"),
        subject.containers.map((container) =>
          el(
            "th",
            { scope: "col" },
            name(container.name),
            el("small", {}, `${container.role}, uid ${container.identity.uid ?? "?"}`),
          ),
        ),
      ),
    ),
    el(
      "tbody",
      {},
      rows.map((row, index) => el("tr", {}, el("th", { scope: "row" }, pathName(row.path)), cells[index])),
    ),
  );
  const first = cells.flat().find((it) => !it.classList.contains("none"));
  first?.setAttribute("tabindex", "0");
  return el("div", { class: "scroll" }, grid);
}

function cell(path, where) {
  if (path === null) {
    return el("td", { role: "gridcell", tabindex: "-1", class: "cell none" }, el("span", { class: "sr" }, "not mapped"));
  }
  const verdict = path.verdicts[where.operation];
  const element = el(
    "td",
    {
      role: "gridcell",
      tabindex: "-1",
      class: `cell ${verdict.answer}`,
      click: () => {
        rove(element);
        derivation.open(element, where);
      },
      keydown: (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          derivation.open(element, where);
          // Space shows, Enter goes there.
          if (event.key === "Enter") {
            derivation.panel.focus();
          }
        }
      },
      focus: () => {
        // An open panel follows the reader through the grid.
        if (!derivation.panel.hidden && derivation.cell !== element) {
          derivation.open(element, where);
        }
      },
    },
    el("span", { class: "answer" }, sign(verdict.answer), answerText(verdict)),
    el("span", { class: "what" }, whatIsThere(path)),
  );
  return element;
}

/** Source, mode and owner, as far as they are known. */
function whatIsThere(path) {
  if (path.exists === "no") {
    return `${path.source}, absent`;
  }
  const owner = path.uid === null && path.gid === null ? null : `${path.uid ?? "?"}:${path.gid ?? "?"}`;
  return [path.source === "persistentVolumeClaim" ? "claim" : path.source, path.mode, owner]
    .filter((part) => part !== null)
    .join(" ");
}

/** A path that may break behind its slashes. */
function pathName(path) {
  const parts = path.split(/(?<=\/)/);
  return el("bdi", { class: "name" }, parts.flatMap((part, index) => (index === 0 ? [part] : [el("wbr"), part])));
}

/** Makes a cell the one that the Tab key stops at. */
function rove(to) {
  const grid = to.closest("table");
  grid.querySelector('td[tabindex="0"]')?.setAttribute("tabindex", "-1");
  to.setAttribute("tabindex", "0");
  to.focus();
}

function move(event, cells) {
  const row = cells.findIndex((row) => row.includes(document.activeElement));
  if (row < 0 || event.altKey || event.metaKey || event.shiftKey) {
    return;
  }
  const column = cells[row].indexOf(document.activeElement);
  const [lastRow, lastColumn] = [cells.length - 1, cells[row].length - 1];
  const target = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: [event.ctrlKey ? 0 : row, 0],
    End: [event.ctrlKey ? lastRow : row, lastColumn],
    PageUp: [Math.max(row - 10, 0), column],
    PageDown: [Math.min(row + 10, lastRow), column],
  }[event.key];
  if (!target) {
    return;
  }
  event.preventDefault();
  const to = cells[target[0]]?.[target[1]];
  if (to) {
    rove(to);
  }
}
