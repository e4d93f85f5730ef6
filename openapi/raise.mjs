// Raises the versions of document and crates, and titles what the changelogs say of them. `cargo xtask generate --release` starts it.
//
//   node openapi/raise.mjs LAST DOCUMENT CRATES SENTENCE...     the sentences are for a changelog in which nothing is told yet
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [last, version, crates, ...sentences] = process.argv.slice(2);

function edit(path, change) {
  const text = readFileSync(join(root, path), "utf8");
  const changed = change(text);
  if (changed === text) return;
  writeFileSync(join(root, path), changed);
  console.log(`wrote ${path}`);
}

edit("openapi/prancer-auth.yaml", (text) => text.replace(/^(info:\n(?: .*\n)*?  version: ).*$/m, `$1${version}`));

// What was written above the last version stays, below a heading with the new one; where nothing was, the sentences.
edit("openapi/CHANGELOG.md", (text) => {
  const at = text.indexOf(`## ${last}, crates `);
  const above = text.slice(0, at);
  const start = above.search(/^## /m);
  const intro = start < 0 ? above : above.slice(0, start);
  const told = start < 0 ? "" : above.slice(above.indexOf("\n", start) + 1).trim();
  const entries = told || sentences.map((it) => `- ${it}`).join("\n");
  return sentences.length === 0 ? text : `${intro}## ${version}, crates ${crates}\n\n${entries}\n\n${text.slice(at)}`;
});

const [, old] = /^version = "(.*)"$/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"));
if (old !== crates) {
  const [from, to] = [`version = "${old}"`, `version = "${crates}"`];
  const ours = (line) => line.startsWith(from) || line.includes('path = "crates/');
  edit("Cargo.toml", (text) => text.split("\n").map((line) => (ours(line) ? line.replace(from, to) : line)).join("\n"));
  for (const lock of ["Cargo.lock", "tests/peers/Cargo.lock"]) {
    // What has a source is another's.
    const raised = (entry) => (entry.includes("\nsource = ") ? entry : entry.replace(from, to));
    edit(lock, (text) => text.split("\n\n").map(raised).join("\n\n"));
  }
}
if (sentences.length > 0) {
  edit("CHANGELOG.md", (text) => {
    const [before, after] = text.split(/(?<=^## Unreleased\n)/m);
    const entry = `- The document is version ${version}.\n`;
    if (after === undefined) return text.replace(/^## /m, `## Unreleased\n\n### Changed\n\n${entry}\n## `);
    const end = after.search(/^## /m);
    const [section, rest] = end < 0 ? [after, ""] : [after.slice(0, end), after.slice(end)];
    // In place of the entry of an earlier try.
    const others = section.replace(/^- The document is version .*\n/m, "");
    return before + others.replace(/^- /m, `${entry}- `) + rest;
  });
}
