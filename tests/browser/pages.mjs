// Looks at every page of a published site with a validator and at its JSON with its schema. Prints one line of JSON;
// exits 1 when anything is wrong.
//
//   node pages.mjs FOLDER

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import Ajv from "ajv/dist/2020.js";
import { HtmlValidate } from "html-validate";

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node pages.mjs FOLDER");
  process.exit(2);
}

const validator = new HtmlValidate({
  root: true,
  extends: ["html-validate:standard", "html-validate:a11y"],
  rules: {
    // Matters of taste: what the standard allows, browsers read the same.
    "void-style": "off", "no-trailing-whitespace": "off", "long-title": "off", "no-inline-style": "error",
    // A region that scrolls sideways has to be reachable by keyboard.
    "tel-non-breaking": "off",
  },
});

const names = (await readdir(folder, { recursive: true })).sort();
const pages = names.filter((name) => name.endsWith(".html"));
const problems = [];
for (const name of pages) {
  const { results } = await validator.validateString(await readFile(join(folder, name), "utf8"), name);
  for (const { messages } of results) {
    for (const { line, ruleId, message } of messages) problems.push(`${name}:${line} ${ruleId}: ${message}`);
  }
}
if (pages.length < 6) problems.push(`only ${pages.length} pages`);

const json = async (name) => JSON.parse(await readFile(join(folder, name), "utf8"));
// Dates and times have their own check: the schema's formats are notes for readers.
const conforms = new Ajv({ strict: true, strictTypes: false, allErrors: true, validateFormats: false }).compile(await json("page.schema.json"));
if (!conforms(await json("page.json"))) {
  for (const { instancePath, message } of conforms.errors.slice(0, 20)) problems.push(`page.json${instancePath} ${message}`);
}

console.log(JSON.stringify({ folder, pages: pages.length, problems: problems.slice(0, 40) }));
process.exit(problems.length > 0 ? 1 : 0);
