"use strict";
const WASM = "@WASM@";
const WORDS = { holds: "holds", fails: "does not hold", not_checked: "not checked" };
const part = (id) => document.getElementById(id);
let exports = null;

/** The module, made once; it asks nothing of the page. */
async function load() {
  if (!exports) {
    const bytes = Uint8Array.from(atob(WASM), (character) => character.charCodeAt(0));
    exports = (await WebAssembly.instantiate(bytes, {})).instance.exports;
  }
  return exports;
}

/** Puts bytes into a slot of the module. */
function put(module, slot, bytes) {
  const address = module.prepare(slot, bytes.length);
  new Uint8Array(module.memory.buffer, address, bytes.length).set(bytes);
}

async function verify(bundle, question) {
  const module = await load();
  put(module, 0, new TextEncoder().encode(JSON.stringify(question)));
  put(module, 1, bundle);
  const length = module.check();
  const bytes = new Uint8Array(module.memory.buffer, module.answer(), length);
  return JSON.parse(new TextDecoder().decode(bytes));
}

function asked() {
  const text = (id) => part(id).value;
  const lines = (id) => text(id).split("\n").filter((line) => line.trim() !== "");
  const question = { now: new Date().toISOString(), keys: lines("key"), witnesses: lines("witness") };
  const since = text("since").replaceAll("\r\n", "\n");
  if (since.trim() !== "") {
    // A text field gives the note without the newline at its end, or with more of them.
    question.since = since.trim() + "\n";
  }
  if (text("school").trim() !== "") {
    question.school = text("school").trim();
  }
  return question;
}

function row(step) {
  const line = document.createElement("tr");
  for (const [text, name] of [[WORDS[step.state], step.state], [step.check, ""], [step.says, ""]]) {
    const cell = document.createElement("td");
    cell.textContent = text;
    cell.className = name;
    line.append(cell);
  }
  return line;
}

function show(answer) {
  const failed = answer.error !== undefined;
  part("answer").hidden = false;
  part("headline").textContent = failed ? "This cannot be checked: " + answer.error + "." : answer.headline;
  part("headline").className = failed ? "fails" : { holds: "", unidentified: "not_checked" }[answer.outcome] ?? "fails";
  const school = answer.school ? "for " + answer.school : "for everybody";
  part("about").textContent = answer.made_at ? "A bundle " + school + ", made, as it says, at " + answer.made_at + "." : "";
  part("checks").replaceChildren(...(answer.checks || []).filter((step) => step.reason !== "stopped").map(row));
  const paragraph = (text) => Object.assign(document.createElement("p"), { textContent: text });
  part("shows").replaceChildren(...(answer.shows || []).map(paragraph));
  part("answer").focus();
  document.documentElement.dataset.answer = JSON.stringify(answer);
}

async function check(file) {
  delete document.documentElement.dataset.answer;
  try {
    show(await verify(new Uint8Array(await file.arrayBuffer()), asked()));
  } catch (error) {
    exports = null;
    show({ error: "this browser could not check the file" });
  }
}

part("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  if (part("bundle").files.length > 0) {
    check(part("bundle").files[0]);
  }
});
for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    document.body.classList.toggle("drop", name === "dragenter" || name === "dragover");
  });
}
document.addEventListener("drop", (event) => {
  if (event.dataTransfer.files.length > 0) {
    part("bundle").files = event.dataTransfer.files;
    check(event.dataTransfer.files[0]);
  }
});
