// SPDX-License-Identifier: Apache-2.0
// The sections, one for each workload and whatever else there are findings about. They are made as the reader comes
// near: a repository has hundreds, and most are never looked at.

/** Sections that are made at a time. */
const CHUNK = 16;
/** Reports of up to this many findings or workloads are shown unfolded. */
const FEW = 12;

const sections = {
  element: el("div", { id: "sections" }),
  more: el("button", { type: "button", class: "more-sections", click: () => sections.next() }),
  shown: [],
  made: 0,

  /** Shows other sections than before. */
  show(shown) {
    this.shown = shown;
    this.made = 0;
    this.element.replaceChildren();
    this.next();
  },

  /** Makes the next sections. */
  next(number = CHUNK) {
    const upcoming = this.shown.slice(this.made, this.made + number);
    const had = document.activeElement === this.more;
    this.made += upcoming.length;
    const made = upcoming.map(sectionView);
    this.element.append(...made);
    const left = this.shown.length - this.made;
    this.more.hidden = left === 0;
    this.more.textContent = `Show ${Math.min(left, CHUNK)} of ${left} more`;
    // The button moves away from the keyboard's focus, or is gone: what it made comes next.
    if (had) {
      made[0]?.querySelector("summary").focus();
    }
  },

  /** The element of a subject that is shown, opened. */
  reveal(subject) {
    const at = this.shown.findIndex((it) => it.subject === subject);
    if (at < 0) {
      return null;
    }
    if (at >= this.made) {
      this.next(at - this.made + 1);
    }
    const element = document.getElementById(subject.id);
    unfold(element.querySelector("details"));
    return element;
  },

  /** Makes and unfolds everything that is shown; returns what folds it again. */
  unfoldAll() {
    this.next(this.shown.length);
    const folded = [];
    for (const depth of ["details.subject", "details.finding"]) {
      for (const details of this.element.querySelectorAll(`${depth}:not([open])`)) {
        unfold(details);
        folded.push(details);
      }
    }
    return () => folded.forEach((details) => (details.open = false));
  },
};

function sectionView(shown) {
  const { subject } = shown;
  const isOpen = subject.findings.length > 0 || sections.shown.length <= FEW;
  const numbers = SEVERITIES.map((severity) => [
    severity,
    shown.findings.filter((finding) => finding.severity === severity).length,
  ]);
  const details = el(
    "details",
    { class: "subject", open: isOpen },
    el(
      "summary",
      {},
      el("h2", {}, el("span", { class: "kind" }, subject.kind), " ", name(subject.name)),
      el(
        "span",
        { class: "meta" },
        el("span", { class: "file" }, name(`${subject.file}:${subject.line}`)),
        numbers
          .filter(([, number]) => number > 0)
          .map(([severity, number]) =>
            el("span", { class: `badge ${severity}` }, sign(severity), counted(number, severity)),
          ),
        subject.containers.length > 0 ? strip(subject, wanted.operation) : null,
        subject.starts && subject.starts.answer !== "yes"
          ? el("span", { class: `badge ${subject.starts.answer}` }, sign(subject.starts.answer), startsText(subject))
          : null,
      ),
    ),
  );
  lazily(details, () => details.append(sectionInside(shown)));
  return el("article", { id: subject.id, "data-workload": subject.starts !== null }, details);
}

function startsText({ starts }) {
  return starts.answer === "no" ? "does not start" : "may not start";
}

function sectionInside(shown) {
  const { subject } = shown;
  const drawn = picture(subject, wanted.operation, shown.isWanted);
  const isUnfolded = findings.length <= FEW || subject.findings.length === 1;
  return el(
    "div",
    { class: "inside" },
    subject.starts && subject.starts.answer !== "yes"
      ? el(
          "div",
          { class: `starts ${subject.starts.answer}` },
          el("p", {}, sign(subject.starts.answer), `The pod ${startsText(subject)}:`),
          el("ul", {}, subject.starts.why.map((step) => el("li", {}, prose(step)))),
        )
      : null,
    el(
      "div",
      { class: "columns" },
      drawn ? el("section", { class: "map" }, el("h3", {}, "Write map"), drawn) : null,
      shown.findings.length > 0
        ? el(
            "section",
            { class: "found" },
            el("h3", {}, "Findings"),
            shown.findings.map((finding) => findingView(finding, isUnfolded, drawn ? showInMap : null)),
          )
        : null,
    ),
  );
}

/** Goes from a finding to the first cell of its container, or of the picture. */
function showInMap(finding) {
  const subject = subjects[finding.subject];
  const article = document.getElementById(subject.id);
  const column = Math.max(
    0,
    subject.containers.findIndex((container) => container.name === finding.container),
  );
  const rows = [...article.querySelectorAll(".picture tbody tr")];
  const cells = rows.map((row) => row.querySelectorAll("td")[column]);
  const target = cells.find((it) => !it.classList.contains("none")) ?? cells[0];
  if (target) {
    rove(target);
  }
}
