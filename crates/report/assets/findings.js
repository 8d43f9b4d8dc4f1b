// SPDX-License-Identifier: Apache-2.0
// A finding: one line that opens to the marked text, the proof, the help and the fixes. The inside is made when it is opened.

/** A finding; `showInMap` is called with it. */
function findingView(finding, isOpen, showInMap) {
  const details = el(
    "details",
    { class: `finding ${finding.severity}`, open: isOpen },
    // The part that takes the focus has the address: where that leads, browsers move the focus, too.
    el(
      "summary",
      { id: finding.id },
      el(
        "h4",
        {},
        sign(finding.severity),
        el("span", { class: "sr" }, `${finding.severity}: `),
        el("span", { class: "code" }, finding.code),
        " ",
        el("span", { class: "message" }, prose(finding.message)),
      ),
    ),
  );
  return lazily(details, () => details.append(inside(finding, showInMap)));
}

function inside(finding, showInMap) {
  return el(
    "div",
    { class: "body" },
    el(
      "p",
      { class: "rule" },
      el("strong", {}, finding.rule.name),
      " ",
      prose(finding.rule.summary),
      ` Confidence: ${finding.confidence}.`,
    ),
    finding.excerpts.map(excerptView),
    finding.why.length === 0 ? null : [el("h5", {}, "Why"), stepList(finding.why)],
    finding.help ? [el("h5", {}, "Help"), el("p", { class: "help" }, prose(finding.help))] : null,
    finding.fixes.length === 0
      ? null
      : [el("h5", {}, "Fix"), finding.fixes.map((fix) => el("p", { class: "fix" }, prose(fix)))],
    el(
      "p",
      { class: "links" },
      showInMap
        ? el("button", { type: "button", class: "link", click: () => showInMap(finding) }, "Show in the write map")
        : null,
      el("a", { href: `#${finding.id}` }, "Link to this finding"),
    ),
  );
}

const MARKED = ["", "related", "primary"];

/** The marked lines of one file, what is said about each below it. */
function excerptView({ file, lines }) {
  let previous = null;
  const shown = lines.flatMap(({ number, pieces, notes }) => {
    const gap = previous !== null && number > previous + 1 ? [el("span", { class: "gap" }, "⋯")] : [];
    const again = number === previous;
    previous = number;
    return [
      ...gap,
      el(
        "span",
        { class: "line" },
        el("span", { class: "number" }, again ? "" : String(number)),
        el(
          "span",
          { class: "text" },
          pieces.map(([kind, piece]) => (kind === 0 ? piece : el("mark", { class: MARKED[kind] }, piece))),
        ),
      ),
      ...notes.map(([kind, note]) => el("span", { class: `note ${MARKED[kind]}` }, prose(note))),
    ];
  });
  return el(
    "figure",
    { class: "excerpt" },
    el("figcaption", {}, name(`${file}:${lines[0]?.number ?? 1}`)),
    el("pre", {}, el("code", {}, shown)),
  );
}
