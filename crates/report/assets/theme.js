// SPDX-License-Identifier: Apache-2.0
// Dark and light. Colours follow `color-scheme`, so that all there is to do is to set it. The choice is not kept:
// a file opened from a disk has no place of its own to keep anything.

const THEMES = ["auto", "light", "dark"];

function themeButton() {
  const label = el("span", {});
  const button = el("button", { type: "button", class: "theme", click: next }, label);
  let current = -1;
  next();
  return button;

  function next() {
    current = (current + 1) % THEMES.length;
    const theme = THEMES[current];
    document.documentElement.dataset.theme = theme;
    label.textContent = `Theme: ${theme}`;
  }
}
