// Checks bundles with the page that does so in a browser, opened from a file, and prints one answer a line.
//
//   node verifier.mjs PAGE CASES FOLDER
//
// CASES holds one question a line: `bundle`, `now`, `keys`, `since`, `witnesses`, `school`. FOLDER receives screenshots of the
// first answer and of the last. Whatever the page asks of a network, or says on the console, is an error.

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"];
const [file, list, folder] = process.argv.slice(2);
const cases = (await readFile(list, "utf8")).trim().split("\n").map((line) => JSON.parse(line));
await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
const problems = [];
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("request", (request) => request.isNavigationRequest() || problems.push(`loads ${request.url()}`));
  await page.clock.setFixedTime(cases[0].now);
  await page.goto(pathToFileURL(file).href);
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  for (const [number, question] of cases.entries()) {
    console.log(await ask(page, question));
    if (number === 0 || number === cases.length - 1) {
      await page.screenshot({ path: join(folder, `${number}.png`), fullPage: true });
    }
  }
  await page.setViewportSize({ width: 360, height: 800 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (overflow > 0) problems.push(`${overflow} px cut off on a narrow screen`);
  await page.screenshot({ path: join(folder, "narrow.png"), fullPage: true });
} finally {
  await browser.close();
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}

async function ask(page, question) {
  await page.setInputFiles("#bundle", question.bundle);
  await page.fill("#key", question.keys.join("\n"));
  await page.fill("#witness", question.witnesses.join("\n"));
  await page.fill("#since", question.since ?? "");
  await page.fill("#school", question.school ?? "");
  await page.evaluate(() => delete document.documentElement.dataset.answer);
  await page.click("button[type=submit]");
  await page.waitForFunction(() => document.documentElement.dataset.answer !== undefined);
  return page.evaluate(() => document.documentElement.dataset.answer);
}
