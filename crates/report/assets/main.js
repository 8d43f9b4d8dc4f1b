// SPDX-License-Identifier: Apache-2.0
// Puts the page together.

const main = document.getElementById("results");
const status = el("p", { role: "status", class: "status" });
const filters = filterForm(update);
const order = data.checked ? [...subjects].sort((a, b) => worst(a) - worst(b) || a.index - b.index) : subjects;
const whole = data.checked && subjects.some((subject) => !subject.starts) ? "object" : "workload";

function update() {
  const shown = order.map(shownOf).filter((it) => it !== null);
  const found = shown.reduce((number, it) => number + it.findings.length, 0);
  const parts = [`${shown.length} of ${counted(subjects.length, whole)}`];
  if (data.checked) {
    parts.push(`${found} of ${counted(findings.length, "finding")}`);
  }
  status.textContent =
    shown.length === 0 && subjects.length > 0 ? "Nothing matches the filters" : `Showing ${parts.join(", ")}`;
  derivation.close();
  sections.show(shown);
}

/** Goes to a finding, wherever it is: filters that hide it are cleared. */
function showFinding(finding) {
  const subject = subjects[finding.subject];
  sections.reveal(subject);
  if (!document.getElementById(finding.id)) {
    filters.clear();
    sections.reveal(subject);
  }
  const summary = document.getElementById(finding.id);
  unfold(summary.parentElement);
  summary.focus();
  summary.scrollIntoView({ block: "start" });
}

/** Goes where the address points. */
function followAddress() {
  const id = decodeURIComponent(location.hash.slice(1));
  const finding = findings.find((it) => it.id === id);
  if (finding) {
    showFinding(finding);
  }
}

derivation.showFinding = showFinding;
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !derivation.panel.hidden) {
    event.preventDefault();
    derivation.leave();
  }
});

document.body.prepend(el("a", { class: "skip", href: "#results" }, "Skip to the report"));
document.querySelector("header.top").append(themeButton());
main.before(filters.form);
main.after(derivation.panel);
refill(
  main,
  el("h2", { class: "sr" }, "Report"),
  data.unread.length === 0
    ? []
    : el(
        "section",
        { class: "unread" },
        el("h2", {}, "Not read"),
        el("ul", {}, data.unread.map((it) => el("li", {}, it))),
      ),
  status,
  el(
    "p",
    { id: "grid-help", class: "help-line" },
    "In a write map the arrow keys move. Enter shows why and goes there, Space shows why, Escape comes back.",
  ),
  sections.element,
  sections.more,
);
update();
followAddress();
addEventListener("hashchange", followAddress);

// What comes into sight is made before the reader asks for it.
new IntersectionObserver(
  (entries) => {
    if (entries.some((entry) => entry.isIntersecting) && !sections.more.hidden) {
      sections.next();
    }
  },
  { rootMargin: "600px" },
).observe(sections.more);

// Paper does not unfold.
let fold = () => {};
addEventListener("beforeprint", () => (fold = sections.unfoldAll()));
addEventListener("afterprint", () => fold());
