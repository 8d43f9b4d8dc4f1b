// SPDX-License-Identifier: Apache-2.0
// The SVG picture: every cell with its answer, text within its bounds, both themes, shown by an `img` as a README does.

import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { answerOf, cells, printable, read, writing } from "./expected.mjs";

export async function drawing({ name, notes, open, plan, svg, map }) {
  const { workloads } = read(map);
  const page = await open(svg);
  const drawn = await page.evaluate(() => ({
    answers: [...document.querySelectorAll("g > text.answer")].map((it) => it.textContent),
    titles: [...document.querySelectorAll("g > title")].map((it) => it.textContent),
    described: document.querySelector("desc").textContent,
    role: document.documentElement.getAttribute("role"),
    outside: [
      ...[...document.querySelectorAll("svg > text")].filter((it) => {
        const box = it.getBBox();
        return box.x < 0 || box.x + box.width > document.documentElement.viewBox.baseVal.width;
      }),
      ...[...document.querySelectorAll("g > text")].filter((it) => {
        const [box, cell] = [it.getBBox(), it.parentElement.querySelector("rect").getBBox()];
        return box.x + box.width > cell.x + cell.width || box.y + box.height > cell.y + cell.height;
      }),
    ].map((it) => it.textContent),
  }));
  const paths = workloads.flatMap((it) => cells(it).flatMap((row) => row.cells.filter((path) => path !== null)));
  notes.same(drawn.answers, paths.map((path) => answerOf(path[writing(path)])), "answers");
  const derived = (path) => [answerOf(path[writing(path)]), ...path[writing(path)].why].join("; ");
  notes.same(drawn.titles, paths.map((path) => printable(derived(path))), "derivations");
  notes.same(drawn.outside, [], "texts out of their bounds");
  notes.same(drawn.role, "img", "role");
  for (const workload of workloads) {
    notes.expect(drawn.described.includes(printable(workload.name)), `${workload.name} is not described`);
  }

  const readme = join(dirname(svg), "readme.html");
  writeFileSync(
    readme,
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>README</title><style>:root { color-scheme: light dark } img { max-width: 100% }</style><img src="map.svg" alt="Write map">',
  );
  const grounds = [];
  for (const colorScheme of ["light", "dark"]) {
    const shown = await open(svg, { colorScheme });
    grounds.push(await shown.evaluate(() => getComputedStyle(document.querySelector(".paper")).fill));
    await shown.context().close();
    for (const [size, viewport] of Object.entries({ phone: { width: 360, height: 780 }, desktop: { width: 1000, height: 800 } })) {
      const picture = await open(readme, { colorScheme, viewport, mayLoad: svg });
      const width = await picture.evaluate(() => document.images[0].naturalWidth);
      notes.expect(width > 200, `the picture is ${width} wide in a README`);
      if (plan.screenshots) {
        await picture.screenshot({ path: join(plan.screenshots, `${name}-svg-${size}-${colorScheme}.png`) });
      }
      await picture.context().close();
    }
  }
  notes.expect(grounds[0] !== grounds[1], "the picture is the same in both themes");
}
