// Looks at a published page as people do: on a narrow and a wide screen, in light and dark, with the keyboard, and with
// the eyes of axe-core. Prints one line of JSON; exits 1 when anything is wrong.
//
//   node page.mjs URL FOLDER
//
// FOLDER receives a screenshot per view. The browser is `$CHROMIUM`, or Debian's.

import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const VIEWS = [
  { name: "360", width: 360, height: 800, colorScheme: "light" },
  { name: "1280", width: 1280, height: 900, colorScheme: "light" },
  { name: "360-dark", width: 360, height: 800, colorScheme: "dark" },
  { name: "1280-dark", width: 1280, height: 900, colorScheme: "dark" },
];
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"];

const [url, folder] = process.argv.slice(2);
if (!url || !folder) {
  console.error("usage: node page.mjs URL FOLDER");
  process.exit(2);
}
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
const report = { url, problems: [], views: {} };
try {
  for (const view of VIEWS) {
    report.views[view.name] = await look(view);
  }
} catch (error) {
  report.problems.push(error.message.split("\n")[0]);
} finally {
  await browser.close();
}
console.log(JSON.stringify(report));
process.exit(report.problems.length > 0 ? 1 : 0);

async function look(view) {
  // axe is put into the page as a script, which the page's own policy forbids, as it should.
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height }, colorScheme: view.colorScheme, bypassCSP: true, reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const problem = (text) => report.problems.push(`${view.name}: ${text}`);
  page.on("console", (message) => message.type() === "error" && problem(`console: ${message.text()}`));
  page.on("request", (request) => request.isNavigationRequest() || request.url().startsWith("data:") || problem(`loads ${request.url()}`));
  await page.goto(url);
  const keyboard = await tabThrough(page, problem);
  await page.screenshot({ path: join(folder, `${view.name}-top.png`) });
  const closed = await width(page, problem, "closed");
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  await width(page, problem, "open");
  const violations = await axe(page, problem);
  await page.screenshot({ path: join(folder, `${view.name}-open.png`), fullPage: true });
  await context.close();
  return { ...keyboard, ...closed, violations };
}

// No part of the page is wider than the screen.
async function width(page, problem, state) {
  const found = await page.evaluate(() => ({ page: document.documentElement.scrollWidth, screen: window.innerWidth }));
  if (found.page > found.screen) problem(`${state}: page is ${found.page} px wide on a screen of ${found.screen}`);
  return { width: found.page };
}

async function axe(page, problem) {
  await page.addScriptTag({ path: AXE });
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  for (const rule of violations) problem(`axe ${rule.id}: ${rule.help} (${rule.nodes.map((node) => node.target).slice(0, 3).join(", ")})`);
  return violations.length;
}

// Tab reaches the skip link first, then every link and summary in their order; each can be seen and shows its focus.
async function tabThrough(page, problem) {
  const wanted = await page.evaluate(() => {
    const stops = [...document.querySelectorAll("a[href], summary, button, input, [tabindex='0']")];
    const reachable = stops.filter((stop) => stop.checkVisibility());
    reachable.forEach((stop, index) => (stop.dataset.stop = index));
    return reachable.length;
  });
  for (let expected = 0; expected < wanted; expected += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const active = document.activeElement;
      const box = active.getBoundingClientRect();
      const seen = box.width > 0 && box.right > 0 && box.left < window.innerWidth && box.bottom > 0 && box.top < window.innerHeight;
      return { index: Number(active.dataset.stop), seen, outlined: getComputedStyle(active).outlineStyle !== "none", text: active.textContent.trim().slice(0, 40), skip: active.classList.contains("skip") };
    });
    if (stop.index !== expected) return problem(`Tab ${expected} arrives at “${stop.text}” (${stop.index})`), { stops: expected };
    if (expected === 0 && !stop.skip) problem("the first stop is not the skip link");
    if (!stop.seen) problem(`“${stop.text}” has the focus and cannot be seen`);
    if (!stop.outlined) problem(`“${stop.text}” does not show its focus`);
  }
  await page.evaluate(() => (document.activeElement.blur(), window.scrollTo(0, 0)));
  return { stops: wanted };
}
