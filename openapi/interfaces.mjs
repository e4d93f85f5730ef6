// What published clients feel: the packages of both editions are generated, and whatever programs could name of an old one has to be in
// the new one, as it was. `cargo xtask diff` starts it where `openapi/diff.mjs` finds nothing breaking.
//
//   node openapi/interfaces.mjs OLD NEW     folders with `document.json` and Rust's `client.rs`; a list of { impact, pointer, sentence }
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
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
  TypeScript: { script: "typescript/openapi_fetch", files: /\.ts$/, names: /^(?!.*\bnever\b)/, opens: /\{$/ },
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
  const all = readdirSync(from, { recursive: true }).filter((file) => files.test(file));
  return new Set(all.flatMap((file) => namesIn(readFileSync(join(from, file), "utf8"), how).map((name) => `${file}: ${name}`)));
}

async function gone(language) {
  const [was, is] = await Promise.all(process.argv.slice(2, 4).map((folder) => interfaceOf(language, folder)));
  if (was.size === 0) throw new Error(`the client in ${language} has nothing for programs`);
  const lost = [...was].filter((name) => !is.has(name));
  return lost.map((name) => ({ impact: "breaking", pointer: "", sentence: `${language}: \`${name}\` is gone, or another.` }));
}

try {
  const changes = await Promise.all(Object.keys(languages).map(gone));
  console.log(JSON.stringify(changes.flat(), null, 1));
} catch (error) {
  console.error(`${error.stderr ?? error.stack}`);
  process.exitCode = 1;
}
