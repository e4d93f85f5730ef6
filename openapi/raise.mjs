// Raises the versions of document and crates, and titles what the changelogs say of them. `cargo xtask generate --release` starts it.
//
//   node openapi/raise.mjs LAST DOCUMENT CRATES SENTENCE...     the sentences are for a changelog in which nothing is told yet
//
// Done again it makes anew what it made, and takes it back where nothing changed any more.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
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

// The sentences that it wrote the last time: they are no person's, so they go when the change is another.
const record = join(root, "target/sentences.json");
const own = existsSync(record) ? JSON.parse(readFileSync(record, "utf8")) : [];
const entries = sentences.map((it) => `- ${it}`);

// What a person wrote above the last version stays, below a heading with the new one; where nobody did, the sentences.
edit("openapi/CHANGELOG.md", (text) => {
  const at = text.indexOf(`## ${last}, crates `);
  const above = text.slice(0, at);
  const start = above.search(/^## /m);
  const intro = start < 0 ? above : above.slice(0, start);
  const lines = start < 0 ? [] : above.slice(start).split("\n").filter((line) => !/^## /.test(line));
  const told = lines.filter((line) => !own.includes(line)).join("\n").trim();
  const heading = sentences.length > 0 ? `${version}, crates ${crates}` : "Unreleased";
  const entry = told || entries.join("\n");
  return entry === "" ? intro + text.slice(at) : `${intro}## ${heading}\n\n${entry}\n\n${text.slice(at)}`;
});
writeFileSync(record, JSON.stringify(entries));

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

const raised = (of) => `- The document is version ${of}.\n`;
// Whether the last version is among what is not released yet, as git has it.
function lastIsUnreleased() {
  try {
    const options = { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
    return execFileSync("git", ["show", "HEAD:CHANGELOG.md"], options).includes(raised(last));
  } catch {
    return false;
  }
}
edit("CHANGELOG.md", (text) => {
  const entry = sentences.length > 0 ? raised(version) : lastIsUnreleased() ? raised(last) : "";
  const [before, after] = text.split(/(?<=^## Unreleased\n)/m);
  if (after === undefined) return entry && text.replace(/^## |$(?![^])/m, `## Unreleased\n\n### Changed\n\n${entry}\n$&`);
  const end = after.search(/^## /m);
  const [section, rest] = end < 0 ? [after, ""] : [after.slice(0, end), after.slice(end)];
  if (section.includes(entry) && entry) return text;
  // In place of the entry of an earlier try.
  const others = section.replace(/^- The document is version .*\n/m, "");
  const first = others.search(/^- /m);
  // A heading that is left alone was made with the entry.
  if (entry === "") return before + (/^\s*### \w+\s*$/.test(others) ? "\n" : others) + rest;
  if (first < 0) return `${before}\n### Changed\n\n${entry}${others.trim() ? `\n${others.trim()}\n` : ""}\n${rest}`;
  return before + others.slice(0, first) + entry + others.slice(first) + rest;
});
