// What published clients feel: the clients of both editions are generated, and whatever programs could use of the old one has to
// compile with the new one, and to be exported by it. `openapi/diff.mjs` asks where its rules find nothing breaking.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const installed = createRequire(join(root, "target/tools/redocly/package.json"));
const ts = installed("typescript");
const { default: openapiTS, astToString } = installed("openapi-typescript");

/** A sentence for each thing that published programs use and that is gone, or is another now. */
export async function interfaces(old, now, redocly) {
  return [...(await typescript(old, now)), ...go(old, now, redocly)];
}

// TypeScript: what is read must do where the old was read, and what was sent must do where the new is sent.
async function typescript(old, now) {
  const types = async (name, document) => `declare namespace ${name} {\n${astToString(await openapiTS(document, { silent: true }))}\n}\n`;
  const head = (await types("Old", old)) + (await types("Now", now));
  const lines = program(old);
  const text = head + lines.map(({ line }) => line).join("\n");
  const options = { target: ts.ScriptTarget.ES2022, strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: true, lib: ["lib.es2022.d.ts"], types: [] };
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  const name = "program.ts";
  host.getSourceFile = (file, ...more) => (file === name ? ts.createSourceFile(name, text, options.target) : getSourceFile(file, ...more));
  const first = head.split("\n").length - 1;
  return ts.getPreEmitDiagnostics(ts.createProgram([name], options, host)).map(({ file, start, messageText }) => {
    const at = file ? file.getLineAndCharacterOfPosition(start).line - first : -1;
    const said = ts.flattenDiagnosticMessageText(messageText, "\n").trim().split("\n").at(-1).trim();
    return { pointer: lines[at]?.pointer ?? "", said: `TypeScript: ${said}` };
  });
}

function program(api) {
  const lines = [];
  const add = (pointer, line) => lines.push({ pointer, line });
  const at = (...keys) => keys.map((key) => `[${JSON.stringify(key)}]`).join("");
  const pointer = (...keys) => keys.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  const json = "application/json";
  const check = (place, from, to, type) => add(place, `export const c${lines.length} = (it: ${type(from)}): ${type(to)} => it;`);
  for (const name of Object.keys(api.components?.schemas ?? {})) {
    add(pointer("components", "schemas", name), `export type T${lines.length} = Now.components${at("schemas", name)};`);
  }
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods).filter(([, it]) => it.responses)) {
      const place = pointer("paths", path, method);
      const type = (of) => `${of}.paths${at(path, method)}`;
      add(place, `export type T${lines.length} = Now.operations${at(operation.operationId)};`);
      check(place, "Old", "Now", (of) => `${type(of)}["parameters"]`);
      if (operation.requestBody?.content?.[json]) {
        // Which may be optional.
        check(`${place}/requestBody`, "Old", "Now", (of) => `NonNullable<${type(of)}["requestBody"]>${at("content", json)}`);
      }
      for (const [code, { content }] of Object.entries(operation.responses)) {
        const status = Number(code) ? `[${code}]` : at(code);
        if (content?.[json]) check(`${place}/responses/${code}`, "Now", "Old", (of) => `${type(of)}["responses"]${status}${at("content", json)}`);
      }
    }
  }
  return lines;
}

// Go: every exported name of the old client is there, with the type it had.
function go(old, now, redocly) {
  const [was, is] = [old, now].map((document) => {
    const folder = mkdtempSync(join(tmpdir(), "prancer-auth-"));
    try {
      writeFileSync(join(folder, "document.json"), JSON.stringify(document));
      redocly("generate-client", join(folder, "document.json"), "--generator", "go", "--output", join(folder, "client.ts"), "--go-package", "client");
      return exported(readFileSync(join(folder, "client.go"), "utf8"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  return [...was].filter((it) => !is.has(it)).map((it) => ({ pointer: "", said: `Go: \`${it}\` is gone, or another.` }));
}

function exported(source) {
  const names = new Set();
  let struct;
  for (const raw of source.split("\n")) {
    const line = raw.replace(/\s*(\/\/.*|`.*`.*)$/, "").replace(/\s+/g, " ").trim();
    const [, type] = /^type ([A-Z]\w*) struct \{$/.exec(line) ?? [];
    if (type) struct = type;
    else if (line === "}") struct = undefined;
    else if (struct && /^[A-Z]/.test(line)) names.add(`${struct}.${line}`);
    else if (/^(type|func|func \(\w+ \*?[A-Z]\w*\)) [A-Z]/.test(line)) names.add(line.replace(/ \{.*$/, ""));
  }
  return names;
}
