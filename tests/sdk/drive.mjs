// Sends each text with one official client: `node --import lead.mjs drive.mjs SCRIPT TEXT…`.
// A script has a default export `async (text) => …` and takes packages with `need`, from the folder in SDK_FOLDER.
// Prints a line of JSON for each text: {"ok":true} or {"ok":false,"said":…}, what the client made of the answer.
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(path.join(process.env.SDK_FOLDER, 'package.json'));
globalThis.need = (name) => require(name);
const [script, ...texts] = process.argv.slice(2);
const late = (ms) => new Promise((_, fail) => setTimeout(() => fail(new Error('no answer in time')), ms));
process.on('uncaughtException', (error) => { console.log(JSON.stringify({ ok: false, said: `outside: ${error.message}` })); });
process.on('unhandledRejection', () => {});

const { default: send } = await import(pathToFileURL(path.resolve(script)).href).catch((error) => {
  console.error(error);
  process.exit(1);
});
for (const text of texts) {
  try {
    await Promise.race([send(text), late(12_000)]);
    console.log(JSON.stringify({ ok: true }));
  } catch (error) {
    const said = String(error?.status ?? error?.statusCode ?? error?.code ?? '') + ' ' + String(error?.message ?? error).slice(0, 160);
    console.log(JSON.stringify({ ok: false, said }));
  }
}
process.exit(0);
