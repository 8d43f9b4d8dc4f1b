// SPDX-License-Identifier: Apache-2.0
// The panel that tells how the answers of one cell came about. There is one; opening another cell refills it.

const derivation = {
  cell: null,
  panel: el("aside", { id: "derivation", "aria-labelledby": "derivation-title", tabindex: "-1", hidden: true }),
  /** Called with a finding that the reader wants to see. */
  showFinding: () => {},

  /** Shows a cell's answers; `operation` is the one that the picture shows. */
  open(cell, { subject, container, path, operation }) {
    this.close();
    this.cell = cell;
    cell.setAttribute("aria-selected", "true");
    const related = subject.findings.filter(({ container: of }) => of === null || of === container.name);
    refill(
      this.panel,
      el(
        "header",
        {},
        el("h2", { id: "derivation-title" }, name(path.path)),
        el("button", { type: "button", class: "close", "aria-label": "Close", click: () => this.leave() }, "✕"),
      ),
      el(
        "p",
        { class: "where" },
        `container `,
        name(container.name),
        ` (${container.role}) of ${subject.kind} `,
        name(subject.name),
      ),
      groups(path).map(({ operations, verdict }) =>
        el(
          "section",
          {
            class: `act ${verdict.answer}`,
            "data-operations": operations.join(" "),
            "data-verdict": verdict.answer,
            "data-errno": verdict.errno,
          },
          el(
            "h3",
            {},
            sign(verdict.answer),
            el("span", {}, operations.map((it) => operationText(it, path)).join(", ")),
            el("strong", {}, answerText(verdict)),
            isShown(operations, path, operation) ? el("span", { class: "shown" }, "shown") : null,
          ),
          stepList(verdict.why),
        ),
      ),
      el("h3", {}, "What is there"),
      facts([
        ["source", path.source],
        ["volume", path.volume],
        ["exists", path.exists],
        ["type", path.type ?? "?"],
        ["mode", path.mode ?? "?"],
        ["owner", `${path.uid ?? "?"}:${path.gid ?? "?"}`],
        ["mount is read-only", path.readOnly === null ? "?" : path.readOnly ? "yes" : "no"],
        ["lifetime", path.lifetime],
        ["fsGroup", path.fsGroup],
        ["Ruby's Dir.tmpdir", path.rubyTmpdir],
      ]),
      el("h3", {}, "Who writes"),
      facts([
        ["uid", container.identity.uid ?? "?"],
        ["gid", container.identity.gid ?? "?"],
        ["groups", container.identity.groups ? container.identity.groups.join(" ") || "none" : "?"],
        ["capabilities", container.identity.capabilities ? container.identity.capabilities.join(" ") || "none" : "?"],
      ]),
      stepList(container.identityWhy),
      related.length === 0
        ? null
        : [
            el("h3", {}, "Findings"),
            el(
              "ul",
              { class: "jumps" },
              related.map((finding) =>
                el(
                  "li",
                  {},
                  el(
                    "button",
                    { type: "button", class: "link", click: () => this.showFinding(finding) },
                    sign(finding.severity),
                    `${finding.code} `,
                    prose(finding.message),
                  ),
                ),
              ),
            ),
          ],
    );
    this.panel.hidden = false;
    this.panel.scrollTop = 0;
    document.body.classList.add("with-panel");
  },

  close() {
    this.cell?.removeAttribute("aria-selected");
    this.cell = null;
    this.panel.hidden = true;
    document.body.classList.remove("with-panel");
  },

  /** Closes, and goes back to where the reader came from. */
  leave() {
    const cell = this.cell;
    this.close();
    cell?.focus();
  },
};

/** Operations that end alike for the same reasons are told once. */
function groups(path) {
  const groups = new Map();
  for (const operation of OPERATIONS.slice(1)) {
    const verdict = path.verdicts[operation];
    const key = verdict.index;
    if (!groups.has(key)) {
      groups.set(key, { operations: [], verdict });
    }
    groups.get(key).operations.push(operation);
  }
  return [...groups.values()];
}

function operationText(operation, path) {
  const file = path.files[operation];
  return file ? `${operation} ${file}` : operation;
}

function isShown(operations, path, operation) {
  const shown = path.verdicts[operation];
  return operations.some((it) => (operation === "write" ? path.verdicts[it] === shown : it === operation));
}

function stepList(why) {
  return why.length === 0 ? null : el("ol", { class: "why" }, why.map((step) => el("li", {}, prose(step))));
}

function facts(pairs) {
  return el(
    "dl",
    {},
    pairs
      .filter(([, value]) => value !== null)
      .map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, String(value)))),
  );
}
