// SPDX-License-Identifier: Apache-2.0
// What the page has to say, from the JSON documents that the same program writes.

import { readFileSync } from "node:fs";

export const OPERATIONS = ["create", "overwrite", "replace", "delete", "exec"];

export const read = (file) => JSON.parse(readFileSync(file, "utf8"));

/** As `printable` of the program: what controls a terminal or turns text is shown by its escape. */
export function printable(text) {
  const named = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };
  return text.replace(
    /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (it) => named[it] ?? `\\u{${it.codePointAt(0).toString(16)}}`,
  );
}

/** The page shows `code` without its marks. */
export const plain = (text) => printable(text).replace(/`([^`]+)`/g, "$1");

/** What writing means at a path: overwriting what is no directory, else creating. */
export const writing = (path) => (path.type === "file" || path.type === "link" ? "overwrite" : "create");

export const answerOf = (verdict) => (verdict.errno ? `${verdict.verdict} ${verdict.errno}` : verdict.verdict);

export const nameOf = ({ namespace, name }) => printable(namespace ? `${namespace}/${name}` : name);

/** The cells of a workload's picture: row by row, each path once, `null` where a container has none. */
export function cells(workload) {
  const paths = [...new Set(workload.containers.flatMap((container) => container.paths.map((path) => path.path)))];
  return paths.map((path) => ({
    path: printable(path),
    cells: workload.containers.map((container) => container.paths.find((it) => it.path === path) ?? null),
  }));
}

/** The derivation of a cell: what ends alike for the same reasons is told once. */
export function derivation(path) {
  const groups = new Map();
  for (const operation of OPERATIONS) {
    const { verdict, errno, why } = path[operation];
    const key = JSON.stringify([verdict, errno, why]);
    const group = groups.get(key) ?? { operations: [], verdict, errno, why: why.map(plain) };
    group.operations.push(operation);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What the report has a section for: the workloads, and whatever else there are findings about. */
export function subjects(workloads, findings) {
  const sections = workloads.map((workload) => ({ workload, findings: [] }));
  for (const finding of findings) {
    const { kind, namespace, name } = finding.object;
    const files = finding.locations.map((location) => location.file);
    const isOf = ({ workload, other }) =>
      workload
        ? [kind, namespace, name].join() === [workload.kind, workload.namespace, workload.name].join() &&
          files.includes(workload.file)
        : [kind, namespace, name, files[0]].join() === other;
    const known = sections.find(isOf);
    if (known) {
      known.findings.push(finding);
    } else {
      sections.push({ other: [kind, namespace, name, files[0]].join(), findings: [finding], title: finding });
    }
  }
  return sections.map(({ workload, findings, title }) => {
    const object = workload ?? title.object;
    const containers = workload?.containers ?? [];
    return {
      workload: workload ?? null,
      title: `${object.kind} ${nameOf(object)}`,
      words: [
        `${object.kind} ${nameOf(object)} ${workload?.file ?? title.locations[0].file}`,
        ...containers.flatMap((container) => [container.name, ...container.paths.map((path) => path.path)]),
      ]
        .join("\n")
        .toLowerCase(),
      rows: workload ? cells(workload) : [],
      findings,
    };
  });
}
