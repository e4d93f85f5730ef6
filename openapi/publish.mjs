// What Redocly makes of the document: its editions, and the reference page. `cargo xtask publish` starts it.
//
//   node openapi/publish.mjs editions FOLDER     the editions of a version
//   node openapi/publish.mjs page FOLDER         the reference page, one HTML file that needs nothing else
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { redocly } from "./redocly.mjs";
import { languages, samples } from "./samples.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const document = "openapi/prancer-auth.yaml";
const [what, folder] = process.argv.slice(2);

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
  redocly(...Object.entries(bundles).map(([name, how]) => ["bundle", document, ...how, "--output", join(folder, name)]));
  redocly(["lint", "--extends", "minimal", ...Object.keys(bundles).map((name) => join(folder, name))]);
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

// Pictures that the page would ask a server for, and what it shows instead.
const foreign = ["https://cdn.redoc.ly/redoc/logo-mini-full.svg", "https://cdn.redoc.ly/redoc/logo-mini.svg"];
const own = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='38' height='14'><text y='11' font-family='sans-serif' font-size='12' fill='gray'>Redoc</text></svg>";

function page(work) {
  const bundled = join(work, "bundled.json");
  redocly(["bundle", document, "--output", bundled]);
  const api = json(bundled);
  const all = samples(api);
  for (const operation of Object.values(api.paths).flatMap(Object.values)) {
    if (!operation.responses) continue;
    operation["x-codeSamples"] = all.filter(({ id }) => id === operation.operationId).map(({ lang, label, source }) => ({ lang, label, source }));
    if (operation["x-codeSamples"].length === 0) console.log(`no sample of ${operation.operationId}: none is made of what it takes`);
  }
  // Of a scheme the page shows its name alone.
  const schemes = Object.entries(api.components.securitySchemes);
  const text = schemes.reduce((all, [name, { scheme }]) => all.replaceAll(`"${name}":`, `"${scheme}: ${name}":`), JSON.stringify(api));
  writeFileSync(bundled, text);
  const shown = join(work, "shown.json");
  redocly(["bundle", bundled, "--overlay", "openapi/reference/overlay.yaml", "--output", shown]);

  // Languages that it is not told of, it leaves out without a word.
  const options = json(join(root, "openapi/reference/options.json"));
  options.codeSamples = { languages };
  const optionsFile = join(work, "options.json");
  writeFileSync(optionsFile, JSON.stringify(options));
  const made = join(folder, "reference.html");
  redocly(["build-docs", "--inlineBundle", shown, "--openapi", optionsFile, "--template", "openapi/reference/template.hbs", "--output", made]);
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
