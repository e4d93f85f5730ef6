// What Redocly makes of the document: its editions, and the reference page. `cargo xtask publish` starts it.
//
//   node openapi/publish.mjs editions FOLDER     the editions of a version
//   node openapi/publish.mjs page FOLDER         the reference page, one HTML file that needs nothing else
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const document = "openapi/prancer-auth.yaml";
const [what, folder] = process.argv.slice(2);

// It neither tells its maker about its use nor looks for a later version.
function redocly(...words) {
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  execFileSync(join(root, "target/tools/redocly/node_modules/.bin/redocly"), words, { cwd: root, env, stdio: ["ignore", "ignore", "pipe"] });
}

const read = (path) => readFileSync(join(root, path), "utf8");
const json = (file) => JSON.parse(readFileSync(file, "utf8"));

function editions() {
  const bundles = {
    "prancer-auth.yaml": [],
    "prancer-auth.json": [],
    "prancer-auth.dereferenced.yaml": ["--dereferenced"],
    "prancer-auth.dereferenced.json": ["--dereferenced"],
    "prancer-auth.3.1.yaml": ["--overlay", "openapi/3.1.overlay.yaml"],
    "prancer-auth.3.1.json": ["--overlay", "openapi/3.1.overlay.yaml"],
  };
  for (const [name, how] of Object.entries(bundles)) {
    redocly("bundle", document, ...how, "--output", join(folder, name));
  }
  redocly("lint", "--extends", "minimal", ...Object.keys(bundles).map((name) => join(folder, name)));
  const { info, components } = json(join(folder, "prancer-auth.json"));
  // The schemas as JSON Schema, each a definition. The ruleset forbids what would have to be translated.
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `urn:prancer-auth:${info.version}`,
    title: info.title,
    description: info.description,
    $defs: JSON.parse(JSON.stringify(components.schemas).replaceAll("#/components/schemas/", "#/$defs/")),
  };
  writeFileSync(join(folder, "prancer-auth.schema.json"), JSON.stringify(schema, null, 2) + "\n");
}

// The lines of a program between `sample: OPERATION` and `end sample`, without their common indentation.
function sample(program, operation) {
  const lines = program.split("\n");
  const start = lines.findIndex((line) => line.trimEnd().endsWith(`sample: ${operation}`));
  if (start < 0) return undefined;
  const rest = lines.slice(start + 1);
  const inside = rest.slice(0, rest.findIndex((line) => line.trimEnd().endsWith("end sample")));
  const written = inside.filter((line) => line.trim());
  const common = Math.min(...written.map((line) => line.length - line.trimStart().length));
  return inside.map((line) => line.slice(common)).join("\n");
}

// Pictures that the page would ask a server for, and what it shows instead.
const foreign = ["https://cdn.redoc.ly/redoc/logo-mini-full.svg", "https://cdn.redoc.ly/redoc/logo-mini.svg"];
const own = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='38' height='14'><text y='11' font-family='sans-serif' font-size='12' fill='gray'>Redoc</text></svg>";

function page(work) {
  const bundled = join(work, "bundled.json");
  redocly("bundle", document, "--output", bundled);
  const api = json(bundled);
  const programs = JSON.parse(read("openapi/reference/samples.json"));
  const texts = programs.map((it) => read(it.program));
  for (const operation of Object.values(api.paths).flatMap(Object.values)) {
    if (!operation.responses) continue;
    // Only what a session program runs is shown.
    operation["x-codeSamples"] = programs.flatMap(({ lang, label }, i) => {
      const source = sample(texts[i], operation.operationId);
      if (source === undefined) console.log(`no sample of ${operation.operationId} in ${label}: ${programs[i].program} has none`);
      return source === undefined ? [] : [{ lang, label, source }];
    });
  }
  writeFileSync(bundled, JSON.stringify(api));
  const shown = join(work, "shown.json");
  redocly("bundle", bundled, "--overlay", "openapi/reference/overlay.yaml", "--output", shown);

  // Languages that it is not told of, it leaves out without a word.
  const options = JSON.parse(read("openapi/reference/options.json"));
  options.codeSamples = { languages: programs.map(({ lang, label }) => ({ lang, label })) };
  const optionsFile = join(work, "options.json");
  writeFileSync(optionsFile, JSON.stringify(options));
  const made = join(folder, "reference.html");
  redocly("build-docs", "--inlineBundle", shown, "--openapi", optionsFile, "--template", "openapi/reference/template.hbs", "--output", made);
  let html = readFileSync(made, "utf8");
  for (const picture of foreign) {
    const count = html.split(picture).length - 1;
    if (count !== 1) throw new Error(`the page has ${picture} ${count} times, not once`);
    html = html.replace(picture, () => own);
  }
  writeFileSync(made, html);
}

const work = mkdtempSync(join(tmpdir(), "prancer-auth-"));
try {
  if (what === "editions") editions();
  else page(work);
} catch (error) {
  console.error(`${error.stderr ?? error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true });
}
