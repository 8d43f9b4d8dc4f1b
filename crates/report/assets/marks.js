// SPDX-License-Identifier: Apache-2.0
// Signs. Each has a shape of its own, so that nothing is told by colour alone; the word beside it is for readers' ears.

const SHAPES = {
  yes: "M4 8.5l3 3 5-6.5",
  no: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  unknown: "M5.5 6.2a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.8-1.1 1.6M8 12.4v.2",
  error: "M5.3 1.8h5.4l3.5 3.5v5.4l-3.5 3.5H5.3l-3.5-3.5V5.3zM8 4.8v4M8 11v.2",
  warning: "M8 2l6.4 11.6H1.6zM8 6.4v3.4M8 11.6v.2",
  info: "M8 1.8a6.2 6.2 0 1 0 0 12.4 6.2 6.2 0 1 0 0-12.4M8 7.4v3.8M8 4.8v.2",
};

/** The sign of an answer or a severity. */
function sign(kind) {
  return svg(
    "svg",
    { class: `sign ${kind}`, viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: SHAPES[kind] }),
  );
}

/** `yes`, `no EROFS` or `unknown`. */
function answerText({ answer, errno }) {
  return errno ? `${answer} ${errno}` : answer;
}

/** All answers of a workload in one line of small squares: full, crossed out, a dot. */
function strip(subject, operation) {
  const size = 9;
  const drawn = { yes: "", no: "", unknown: "" };
  const answers = rowsOf(subject)
    .flatMap((row) => row.cells)
    .filter((path) => path !== null)
    .map((path) => path.verdicts[operation].answer);
  const shown = answers.slice(0, 60);
  shown.forEach((answer, at) => {
    const x = at * (size + 2);
    drawn[answer] +=
      answer === "yes"
        ? `M${x} 0h${size}v${size}h-${size}z`
        : answer === "no"
          ? `M${x + 1} 1l${size - 2} ${size - 2}m0 -${size - 2}l-${size - 2} ${size - 2}`
          : `M${x + size / 2 - 1} ${size / 2}a1 1 0 1 0 2 0a1 1 0 1 0 -2 0`;
  });
  const width = Math.max(shown.length * (size + 2), 1);
  const numbers = tally(subject, operation);
  return el(
    "span",
    { class: "strip" },
    svg(
      "svg",
      { viewBox: `0 0 ${width} ${size}`, width, height: size, "aria-hidden": "true", focusable: "false" },
      ANSWERS.map((answer) => svg("path", { class: answer, d: drawn[answer] })),
    ),
    el("span", { class: "sr" }, ANSWERS.map((answer) => `${numbers[answer]} ${answer}`).join(", ")),
  );
}
