// SPDX-License-Identifier: Apache-2.0
// What the page is about, from the tables of `data.rs`. Rows are made when they are first looked at: most never are.

const data = JSON.parse(document.getElementById("data").textContent);

/** What is asked about a path. `write` is creating a file in a directory, and overwriting what is none. */
const OPERATIONS = ["write", "create", "overwrite", "replace", "delete", "exec"];
const ANSWERS = ["yes", "no", "unknown"];
const SEVERITIES = ["error", "warning", "info"];

/** Makes the rows of a table once each. */
function table(rows, make) {
  const made = new Array(rows.length);
  return (index) => (made[index] ??= make(rows[index], index));
}

/** A text is written as it is, or as the indices of its parts. */
const textAt = table(data.texts, (row) => (Array.isArray(row) ? row.map((part) => data.texts[part]).join("") : row));
const text = (index) => (index === null || index === undefined ? null : textAt(index));
const steps = (index) => data.derivations[index].map(text);
/** `[1, 2, 3, 4]` as pairs. */
const pairs = (flat) => flat.flatMap((value, at) => (at % 2 === 0 ? [[value, text(flat[at + 1])]] : []));

const verdictAt = table(data.verdicts, ([answer, errno, why], index) => ({
  index,
  answer: text(answer),
  errno: text(errno),
  get why() {
    return steps(why);
  },
}));

const pathAt = table(data.paths, ([place, [verdicts, files, write]]) => {
  const [path, source, volume, exists, type, mode, uid, gid, readOnly, lifetime, fsGroup, ruby] = place;
  const [create, overwrite, replace, remove, exec] = verdicts.map(verdictAt);
  return {
    path: text(path),
    source: text(source),
    volume: text(volume),
    exists: text(exists),
    type: text(type),
    mode: text(mode),
    uid,
    gid,
    readOnly,
    lifetime: text(lifetime),
    fsGroup: text(fsGroup),
    rubyTmpdir: text(ruby),
    files: { overwrite: text(files[0]), replace: text(files[1]), delete: text(files[2]) },
    verdicts: { write: write ? overwrite : create, create, overwrite, replace, delete: remove, exec },
  };
});

const containerAt = table(data.containers, ([name, role, [uid, gid, groups, capabilities], why, paths]) => ({
  name: text(name),
  role: text(role),
  identity: { uid, gid, groups, capabilities: capabilities && capabilities.map(text) },
  get identityWhy() {
    return steps(why);
  },
  paths: paths.map(pathAt),
}));

const findings = data.findings.map((row, index) => {
  const [subject, code, severity, confidence, message, container, file, line, why, help, fixes, fingerprint, excerpts] = row;
  return {
    index,
    id: `f-${fingerprint}`,
    subject,
    code,
    rule: data.rules[code],
    severity: text(severity),
    confidence: text(confidence),
    message: text(message),
    container: text(container),
    file: text(file),
    line,
    help: text(help),
    fixes: fixes.map(text),
    get why() {
      return steps(why);
    },
    get excerpts() {
      return excerpts.map(([file, lines]) => ({
        file: text(file),
        lines: lines.map(([number, pieces, notes]) => ({ number, pieces: pairs(pieces), notes: pairs(notes) })),
      }));
    },
  };
});

const subjects = data.subjects.map((row, index) => {
  const [kind, namespace, own] = (row.object ?? []).map(text);
  return {
    index,
    id: `o-${index}`,
    kind: kind ?? "Document",
    name: kind ? (namespace ? `${namespace}/${own}` : own) : text(row.file),
    file: text(row.file),
    line: row.line,
    starts: row.starts ? { answer: text(row.starts[0]), why: steps(row.starts[1]) } : null,
    containers: (row.containers ?? []).map(containerAt),
    findings: findings.filter((finding) => finding.subject === index),
  };
});

/** How bad the worst finding is; 3 without any. */
function worst(subject) {
  return Math.min(3, ...subject.findings.map((finding) => SEVERITIES.indexOf(finding.severity)));
}

/** The rows of a subject's picture: each path once, with the cell of each container, in the order of the containers. */
function rowsOf(subject) {
  const rows = new Map();
  subject.containers.forEach((container, column) => {
    for (const path of container.paths) {
      if (!rows.has(path.path)) {
        rows.set(path.path, { path: path.path, cells: new Array(subject.containers.length).fill(null) });
      }
      rows.get(path.path).cells[column] ??= path;
    }
  });
  return [...rows.values()];
}

/** How many paths have which answer. */
function tally(subject, operation) {
  const numbers = { yes: 0, no: 0, unknown: 0 };
  for (const container of subject.containers) {
    for (const path of container.paths) {
      numbers[path.verdicts[operation].answer] += 1;
    }
  }
  return numbers;
}
