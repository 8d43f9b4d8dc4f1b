// SPDX-License-Identifier: Apache-2.0
// What the reader wants to see. The numbers on the buttons are those of the whole report.

const wanted = {
  words: [],
  severities: new Set(),
  answers: new Set(),
  code: "",
  subject: "",
  operation: "write",
};

/** Everything about a subject that words may be found in. */
const haystack = table(subjects, (subject) =>
  [
    `${subject.kind} ${subject.name} ${subject.file}`,
    ...subject.containers.flatMap((container) => [container.name, ...container.paths.map((path) => path.path)]),
  ]
    .join("\n")
    .toLowerCase(),
);

const findingHaystack = table(findings, (finding) =>
  `${finding.code} ${finding.rule.name} ${finding.message}`.toLowerCase(),
);

/** What is shown of a subject: its findings and which paths; null when nothing of it is. */
function shownOf(subject) {
  if (wanted.subject !== "" && Number(wanted.subject) !== subject.index) {
    return null;
  }
  const isSaid = (where) => wanted.words.every((word) => where.includes(word));
  const own = isSaid(haystack(subject.index));
  const kept = subject.findings.filter(
    (finding) =>
      (own || wanted.words.every((word) => (haystack(subject.index) + findingHaystack(finding.index)).includes(word))) &&
      (wanted.severities.size === 0 || wanted.severities.has(finding.severity)) &&
      (wanted.code === "" || wanted.code === finding.code),
  );
  const asksForFindings = wanted.severities.size > 0 || wanted.code !== "";
  if (kept.length === 0 && (asksForFindings || !own)) {
    return null;
  }
  const isWanted = (path) => wanted.answers.size === 0 || wanted.answers.has(path.verdicts[wanted.operation].answer);
  if (wanted.answers.size > 0 && !subject.containers.some((container) => container.paths.some(isWanted))) {
    return null;
  }
  return { subject, findings: kept, isWanted };
}

/** The form; `changed` is called when something else is wanted. */
function filterForm(changed) {
  const search = el("input", {
    type: "search",
    id: "words",
    placeholder: "Filter by name, path, file or text",
    "aria-keyshortcuts": "/",
    autocomplete: "off",
    spellcheck: "false",
    input: () => {
      wanted.words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      changed();
    },
    keydown: (event) => {
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        if (search.value === "") {
          search.blur();
        }
        search.value = "";
        search.dispatchEvent(new Event("input"));
      }
    },
  });
  const answers = chips("Answers", ANSWERS, wanted.answers, changed);
  const severities = data.checked ? chips("Severities", SEVERITIES, wanted.severities, changed) : null;
  severities?.count((severity) => findings.filter((finding) => finding.severity === severity).length);
  countAnswers();

  const more = el(
    "details",
    { class: "more" },
    el("summary", {}, "Filters"),
    el(
      "div",
      { class: "controls" },
      severities?.group,
      answers.group,
      data.checked
        ? choice("Rule", "code", [
            ["", "All rules"],
            ...Object.entries(data.rules).map(([code, rule]) => [code, `${code} ${rule.name}`]),
          ])
        : null,
      subjects.length > 1
        ? choice(data.checked ? "Object" : "Workload", "subject", [
            ["", data.checked ? "All objects" : "All workloads"],
            ...subjects.map((subject) => [String(subject.index), `${subject.kind} ${subject.name}`]),
          ])
        : null,
      choice("Map shows", "operation", [
        ["write", "Map: writing"],
        ...OPERATIONS.slice(1).map((operation) => [operation, `Map: ${operation}`]),
      ]),
    ),
  );
  // Where there is room, nothing is folded away.
  const wide = matchMedia("(min-width: 48rem)");
  const unfold = () => (more.open = wide.matches);
  wide.addEventListener("change", unfold);
  unfold();

  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, select, textarea");
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
  return {
    form: el(
      "form",
      { role: "search", class: "filters", "aria-label": "Filters", submit: (event) => event.preventDefault() },
      el("div", { class: "find" }, el("label", { for: "words", class: "sr" }, "Filter"), search, el("kbd", {}, "/")),
      more,
    ),
    /** Forgets every filter, so that whatever is looked for is there. */
    clear() {
      search.value = "";
      wanted.words = [];
      wanted.code = "";
      wanted.subject = "";
      severities?.clear();
      answers.clear();
      more.querySelectorAll("select[data-filter]").forEach((select) => (select.value = wanted[select.name]));
      changed();
    },
  };

  function countAnswers() {
    const numbers = { yes: 0, no: 0, unknown: 0 };
    for (const subject of subjects) {
      const own = tally(subject, wanted.operation);
      ANSWERS.forEach((answer) => (numbers[answer] += own[answer]));
    }
    answers.count((answer) => numbers[answer]);
  }

  function choice(label, key, options) {
    const id = `filter-${key}`;
    const select = el(
      "select",
      {
        id,
        name: key,
        "data-filter": key === "operation" ? null : true,
        change: () => {
          wanted[key] = select.value;
          if (key === "operation") {
            countAnswers();
          }
          changed();
        },
      },
      options.map(([value, label]) => el("option", { value }, label)),
    );
    return el("div", { class: "choice" }, el("label", { for: id, class: "sr" }, label), select);
  }
}

/** Buttons of which any number may be pressed; none means all. */
function chips(label, values, chosen, changed) {
  const numbers = new Map();
  const buttons = values.map((value) => {
    const number = el("span", { class: "number" });
    numbers.set(value, number);
    const button = el(
      "button",
      {
        type: "button",
        class: `chip ${value}`,
        "aria-pressed": "false",
        "data-value": value,
        click: () => {
          if (!chosen.delete(value)) {
            chosen.add(value);
          }
          button.setAttribute("aria-pressed", String(chosen.has(value)));
          changed();
        },
      },
      sign(value),
      el("span", {}, value),
      number,
    );
    return button;
  });
  return {
    group: el("div", { role: "group", class: "chips", "aria-label": label }, buttons),
    count: (of) => numbers.forEach((number, value) => (number.textContent = of(value).toLocaleString("en"))),
    clear: () => {
      chosen.clear();
      buttons.forEach((button) => button.setAttribute("aria-pressed", "false"));
    },
  };
}
