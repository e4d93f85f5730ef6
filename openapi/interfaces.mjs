// What published clients feel: the packages of both editions are generated, and whatever programs could name of an old one has to be in
// the new one, as it was. `cargo xtask diff` starts it where `openapi/diff.mjs` finds nothing breaking.
//
//   node openapi/interfaces.mjs OLD NEW     folders with `document.json` and Rust's `client.rs`; a list of a list of { impact, pointer, sentence }
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

// Of each language: the script of its package, the files that programs use, the lines that name something, and those of them that
// have more of it inside. The code is that of generators and formatters, so that its indentation says what is inside of what.
const languages = {
  Rust: {
    files: /^client\.rs$/,
    names: /^(pub |impl\b|fn |\)|\w+: |\w+[,({])/,
    opens: /^(pub (mod|struct|enum)\b.*\{|impl\b.*\{|pub (async )?fn .*\()$/,
  },
  Python: {
    script: "python/openapi_python_client",
    files: /^prancer_auth_api\/.*\.py$/,
    names: /^(class |(async )?def [a-z]|[a-z]\w*: |\) ->|[A-Z]+ = )/,
    opens: /^(class .*:|(async )?def [a-z]\w*\()$/,
  },
  TypeScript: {
    script: "typescript/openapi_fetch",
    files: /\.ts$/,
    names: /^(?!const |import |async )(?!.*\bnever\b)/,
    opens: /^(?!.*\bfunction\b).*\{$/,
  },
  Go: {
    script: "go/redocly",
    files: /\.go$/,
    names: /^(type [A-Z]|func (\(\w+ \*?[A-Z]\w*\) )?[A-Z]|[A-Z]\w* )/,
    opens: /^type [A-Z].*\{$/,
  },
  Java: { script: "java/openapi_generator", files: /^src\/main\/.*\.java$/, names: /^(public |[A-Z]\w*\()/, opens: /^public (\w+ )*(class|enum|interface) .*\{$/ },
  PHP: { script: "php/redocly", files: /\.php$/, names: /^((final |abstract )?class |public |function |const )/, opens: /^(((final |abstract )?class .*)|public function __construct\()$/ },
};

/** The names in a source, each with those around it and with its type. */
function namesIn(source, { names, opens }) {
  const found = [];
  const around = [];
  // Without what is only told: comments, documentation, and what Go writes about JSON.
  const told = /\/\*[^]*?\*\/|"""[^]*?"""|^\s*(\/\/|#).*$|\s\/\/.*$|`json:.*`/gm;
  for (const raw of source.replace(told, "").split("\n")) {
    const line = raw.trim().replace(/\s+/g, " ");
    // A bracket alone begins or ends what the line before has told.
    if (/^[\])}{(;, ]*$/.test(line)) continue;
    const depth = raw.search(/\S/);
    // What follows a closing bracket belongs to what it closes.
    while (around.length > 0 && (line.startsWith(")") ? around.at(-1).depth > depth : around.at(-1).depth >= depth)) around.pop();
    if (names.test(line) && around.every((it) => it.opens)) found.push([...around.map((it) => it.line), line].join(" "));
    around.push({ depth, line, opens: names.test(line) && opens.test(line) });
  }
  return found;
}

/** What the package of a language has for programs, made of the document in a folder. */
async function interfaceOf(language, folder) {
  const { script, files, ...how } = languages[language];
  let from = folder;
  if (script) {
    from = join(folder, language);
    mkdirSync(from);
    await promisify(execFile)("bash", [join(root, `tests/interop/${script}.sh`), "generate", join(folder, "document.json"), from]);
  }
  const all = filesBelow(from).filter((file) => files.test(file));
  const found = all.flatMap((file) => namesIn(readFileSync(join(from, file), "utf8"), how).map((name) => `${file}: ${name}`));
  if (found.length === 0) throw new Error(`the client in ${language} has nothing for programs`);
  return [language, found];
}

const filesBelow = (folder) => readdirSync(folder, { recursive: true }).filter((file) => statSync(join(folder, file)).isFile()).sort();

/** The same of all languages. It takes ten seconds, so that it is kept beside the tools, for as long as they, scripts and document are what they are. */
async function interfaces(folder) {
  const key = createHash("sha256");
  const add = (from, files) => files.forEach((file) => key.update(`${file}\0`).update(readFileSync(join(from, file))));
  add(folder, ["document.json", "client.rs"]);
  add(root, ["openapi/interfaces.mjs", ...["node", "redocly"].map((set) => `xtask/tools/${set}/package-lock.json`), "xtask/tools/python/requirements.txt"]);
  add(join(root, "tests/interop"), filesBelow(join(root, "tests/interop")));
  const kept = join(root, "target/tools/interfaces", `${key.digest("hex")}.json`);
  if (!existsSync(kept)) {
    const found = Object.fromEntries(await Promise.all(Object.keys(languages).map((language) => interfaceOf(language, folder))));
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(`${kept}.${process.pid}`, JSON.stringify(found));
    renameSync(`${kept}.${process.pid}`, kept);
  }
  return JSON.parse(readFileSync(kept, "utf8"));
}

try {
  const [was, is] = await Promise.all(process.argv.slice(2, 4).map(interfaces));
  const changes = Object.entries(was).flatMap(([language, names]) => {
    const there = new Set(is[language]);
    return names.filter((name) => !there.has(name)).map((name) => ({ impact: "breaking", pointer: "", sentence: `${language}: \`${name}\` is gone, or another.` }));
  });
  console.log(JSON.stringify([changes], null, 1));
} catch (error) {
  console.error(`${error.stderr ?? error.stack}`);
  process.exitCode = 1;
}
