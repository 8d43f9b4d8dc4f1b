// SPDX-License-Identifier: Apache-2.0
// How the page looks, on a phone and on a desk, light and dark: nothing sticks out, text can be read, and axe finds no
// obstacle for readers who do not see it or see it differently. With a folder for them, screenshots are taken.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export const SIZES = { phone: { width: 360, height: 780 }, tablet: { width: 768, height: 1024 }, desktop: { width: 1440, height: 1000 } };

export async function looks({ name, notes, open, plan, report, mapPage }) {
  const axe = readFileSync(plan.axe, "utf8");
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"]) {
      const what = `${size}, ${colorScheme}`;
      // axe takes its time: what differs between inputs is not what it looks for.
      const isJudged = size !== "tablet" && (name === "examples" || (size === "phone") === (colorScheme === "dark"));
      const picture = async (page, part) => {
        if (plan.screenshots) {
          await page.screenshot({ path: join(plan.screenshots, `${name}-${part}-${size}-${colorScheme}.png`) });
        }
      };
      const page = await open(report, { viewport, colorScheme, hasTouch: size === "phone" });
      await fits(notes, page, what);
      await readable(notes, page, what);
      await accessible(notes, page, isJudged && axe, what);
      await picture(page, "report");

      const cell = page.locator("td.cell:not(.none)").first();
      if ((await cell.count()) > 0) {
        await cell.click();
        await fits(notes, page, `${what}, with a derivation`);
        await accessible(notes, page, isJudged && axe, `${what}, with a derivation`);
        await picture(page, "derivation");
        await page.keyboard.press("Escape");
      }
      const filters = page.locator("details.more > summary");
      if (await filters.isVisible()) {
        await filters.click();
        await fits(notes, page, `${what}, with filters`);
        await accessible(notes, page, isJudged && axe, `${what}, with filters`);
        await picture(page, "filters");
      }
      const finding = page.locator("details.finding").first();
      if ((await finding.count()) > 0) {
        await finding.evaluate((it) => {
          it.open = true;
          it.scrollIntoView({ block: "start" });
        });
        await fits(notes, page, `${what}, with a finding`);
        await picture(page, "finding");
      }
      await page.context().close();

      const alone = await open(mapPage, { viewport, colorScheme });
      await fits(notes, alone, `${what}, the page of map`);
      await accessible(notes, alone, isJudged && axe, `${what}, the page of map`);
      await alone.context().close();
    }
  }
}

/** Nothing makes the page wider than the window. */
export async function fits(notes, page, what) {
  const { width, wide } = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth - innerWidth,
    // What sticks out of the window, unless it is scrolled by itself.
    wide: [...document.querySelectorAll("body *")]
      .filter((it) => it.getBoundingClientRect().right > innerWidth + 1 && !it.closest(".scroll, .sr, .plain"))
      .slice(0, 3)
      .map((it) => it.outerHTML.slice(0, 120)),
  }));
  notes.expect(width <= 0 && wide.length === 0, `${what}: ${width} pixels too wide: ${wide.join(" | ")}`);
}

/** axe, by the rules of WCAG 2.2 AA and what it holds for good practice. */
async function accessible(notes, page, axe, what) {
  if (!axe) {
    return;
  }
  await page.evaluate(axe);
  const { passes, violations } = await page.evaluate(() => {
    // What happens to lie half below something that stays in its place can be scrolled: targets are measured where
    // nothing lies above them.
    scrollTo(0, 0);
    const isCovered = !document.getElementById("derivation").hidden;
    return globalThis.axe.run(document, {
      resultTypes: ["violations", "passes"],
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      rules: { "target-size": { enabled: !isCovered } },
    });
  });
  notes.expect(passes.length > 20, `${what}: axe looked at ${passes.length} rules only`);
  for (const { id, nodes } of violations) {
    notes.expect(false, `${what}: ${id}: ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 120)} (${node.failureSummary})`).join(" | ")}`);
  }
}

/**
 * What axe leaves open: the contrast of text on patterns. WCAG 1.4.3 wants 4.5 : 1, here on the ground and on what is
 * drawn on it.
 */
async function readable(notes, page, what) {
  const ratios = await page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const over = (color, ground) => {
      canvas.fillStyle = ground;
      canvas.fillRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = ([red, green, blue]) => {
      const linear = (value) => (value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    };
    const contrast = (a, b) => {
      const [dark, bright] = [light(a), light(b)].sort((x, y) => x - y);
      return (bright + 0.05) / (dark + 0.05);
    };
    const found = {};
    for (const answer of ["yes", "no", "unknown"]) {
      const cell = document.querySelector(`td.cell.${answer}`);
      if (!cell) {
        continue;
      }
      const { backgroundColor, backgroundImage } = getComputedStyle(cell);
      const drawn = backgroundImage.match(/(?:rgba?|color)\([^)]*\)/g) ?? [];
      for (const part of [".answer", ".what"]) {
        const { color } = getComputedStyle(cell.querySelector(part));
        for (const pattern of ["transparent", ...drawn]) {
          found[`${answer} ${part} ${pattern}`] = contrast(over(color, "#fff"), over(pattern, backgroundColor));
        }
      }
    }
    return found;
  });
  for (const [where, ratio] of Object.entries(ratios)) {
    notes.expect(ratio >= 4.5, `${what}: contrast of ${where} is ${ratio.toFixed(2)}`);
  }
}
