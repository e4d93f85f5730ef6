// What changed from one edition of the document to another, and whom it hurts. `cargo xtask diff` starts it.
//
//   node openapi/diff.mjs (OLD NEW)...     folders with `document.json`; for each two a list of { impact, pointer, sentence }
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { redocly } from "./redocly.mjs";

const nameOf = (pointer) => pointer.split("/").pop().replaceAll("~1", "/").replaceAll("~0", "~");
const member = (pointer, key) => `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
const breaking = (pointer, sentence) => ({ impact: "breaking", pointer, sentence });
const isObject = (value) => value !== null && typeof value === "object";

function change(report) {
  const pointer = report.path.replace(/^#/, "");
  // Whatever else there may come to be is breaking. A link to more is for readers alone.
  const impact = report.typeName === "ExternalDocs" ? "wording" : ({ patch: "wording", minor: "addition" }[report.impact] ?? "breaking");
  const felt = feltOf(report, pointer);
  if (impact !== "breaking" && felt) return breaking(pointer, felt);
  return { impact, pointer, sentence: report.verdicts?.[0]?.message ?? sentence(report, pointer) };
}

// Redocly looks at what goes over the wire; a generated client has types and names besides.
function feltOf({ typeName, property, kind, base }, pointer) {
  const name = `\`${nameOf(pointer)}\``;
  if (property === "required") return `The required properties of ${name} changed, and with them its generated type.`;
  if (`${typeName}.${property}` === "Info.title" || `${typeName}.${property}` === "Operation.tags") {
    return `\`${property}\` changed, which generated clients take names from.`;
  }
  if (typeName === "Schema" && ["additionalProperties", "format", "items", "nullable", "type"].includes(property)) {
    return `\`${property}\` of ${name} changed, and with it its generated type.`;
  }
  if (["Parameter", "ParameterList"].includes(typeName) && kind === "added") {
    return `${name} was added, which the functions of generated clients take.`;
  }
  if (kind === "removed" && base && pointer.includes("/properties/")) {
    return `Property ${name} was removed, and with it the field of the generated type.`;
  }
  return undefined;
}

// A sentence for what Redocly has no words for.
function sentence({ typeName, property, kind }, pointer) {
  const kinds = { PathItem: "Path", ParameterList: "The list of", SecurityRequirement: "Security requirement" };
  const what = `${kinds[typeName] ?? typeName ?? "Part"} \`${nameOf(pointer)}\``;
  if (kind === "added" || kind === "removed") return `${what} was ${kind}.`;
  return property ? `\`${property}\` of \`${nameOf(pointer)}\` changed.` : `${what} changed.`;
}

// What generated clients feel, although what goes over the wire is the same. Examples are data.
function* felt(old, now, pointer = "") {
  if (!isObject(old) || !isObject(now)) return;
  const effects = {
    $ref: "generated clients have another type there.",
    readOnly: "generated types lose or gain the member.",
    writeOnly: "generated types lose or gain the member.",
    title: "Python's class is called by it.",
    default: "generated clients send or read it where nothing is given.",
  };
  for (const [key, effect] of Object.entries(effects)) {
    // An object there is a property of that name.
    const [was, is] = [old, now].map((it) => JSON.stringify(isObject(it[key]) && !Array.isArray(it[key]) ? undefined : it[key]));
    if (was !== is) {
      yield breaking(member(pointer, key), `\`${key}\` of \`${nameOf(pointer)}\` was ${was ?? "none"} and is ${is ?? "none"}: ${effect}`);
    }
  }
  for (const key of Object.keys(old).filter((it) => it !== "example" && it !== "examples")) {
    if (key === "properties" && isObject(now[key])) yield* order("members", Object.keys(old[key]), Object.keys(now[key]), member(pointer, key));
    if (key === "parameters" && Array.isArray(old[key]) && Array.isArray(now[key])) {
      const names = (list) => list.map((it) => it.$ref ?? `${it.name} in ${it.in}`);
      yield* order("parameters", names(old[key]), names(now[key]), member(pointer, key));
    }
    yield* felt(old[key], now[key], member(pointer, key));
  }
}

// Members and parameters stay in their order, and new ones come last: programs may give values by their place.
function* order(what, was, is, pointer) {
  const common = was.filter((name) => is.includes(name));
  if (common.some((name, i) => is[i] !== name)) {
    const owner = `\`${nameOf(pointer.slice(0, pointer.lastIndexOf("/")))}\``;
    yield breaking(pointer, `The ${what} of ${owner} have another order: programs that give values by their place would mix them up. Put what is new last.`);
  }
}

// Generated clients take the first server, names from the descriptions of all, and variables by their values; new ones come last.
function* servers(old, now) {
  const plain = ({ servers = [] }) => servers.map(({ variables = {}, ...server }) => {
    const values = Object.entries(variables).map(([name, { description, ...value }]) => [name, value]);
    return JSON.stringify([server.url, server.description, values]);
  });
  if (plain(old).some((server, i) => plain(now)[i] !== server)) {
    yield breaking("/servers", "The servers changed, of which generated clients take the first, names from descriptions, and variables by their values.");
  }
}

// Named schemas are types of the generated clients, whatever goes over the wire.
function* gone(old, now) {
  for (const name of Object.keys(old.components?.schemas ?? {})) {
    if (!now.components?.schemas?.[name]) {
      yield breaking(member("/components/schemas", name), `Type \`${name}\` of the generated clients was removed.`);
    }
  }
}

// All that changed, with what goes over the wire as Redocly sees it.
function changes(files, wire) {
  const [old, now] = files.map((file) => JSON.parse(readFileSync(file, "utf8")));
  const changes = [...JSON.parse(wire).changes.map(change), ...gone(old, now), ...felt(old, now), ...servers(old, now)];
  if (changes.length === 0 && JSON.stringify(old) !== JSON.stringify(now)) {
    changes.push({ impact: "wording", pointer: "", sentence: "Examples, or the order of what has none, changed." });
  }
  return changes;
}

try {
  const files = process.argv.slice(2).map((folder) => join(folder, "document.json"));
  const editions = files.flatMap((file, i) => (i % 2 ? [] : [[file, files[i + 1]]]));
  const wires = redocly(...editions.map((both) => ["diff", "--format", "json", "--fail-on", "none", ...both]));
  console.log(JSON.stringify(editions.map((both, i) => changes(both, wires[i])), null, 1));
} catch (error) {
  console.error(`${error.stderr ?? error.stack}`);
  process.exitCode = 1;
}
