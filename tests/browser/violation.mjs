// Opens pages one after another and stays until standard input ends, so that the browser has time to report what their
// policies forbid.
//
//   node violation.mjs URL...
//
// The browser is `$CHROMIUM`, or Debian's.

import { chromium } from "playwright-core";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run", "--short-reporting-delay"];

const urls = process.argv.slice(2);
if (urls.length === 0) {
  console.error("usage: node violation.mjs URL...");
  process.exit(2);
}
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
try {
  for (const url of urls) {
    const page = await (await browser.newContext()).newPage();
    await page.goto(url);
  }
  console.log("opened");
  await new Promise((resolve) => process.stdin.on("end", resolve).resume());
} finally {
  await browser.close();
}
