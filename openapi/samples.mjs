// A program for each operation in each language, made of the document: the reference page shows them, and `cargo xtask interop` runs them.
//
//   node openapi/samples.mjs DOCUMENT.json CLIENT FOLDER     those of a client below `tests/interop`, `OPERATION.ending` each
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const words = (name) => name.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/).map((it) => it.toLowerCase());
const snake = (name) => words(name).join("_");
const pascal = (name) => words(name).map((it) => it[0].toUpperCase() + it.slice(1)).join("");
const camel = (name) => pascal(name).replace(/^./, (it) => it.toLowerCase());
const lines = (...all) => all.flat().filter((it) => it !== undefined && it !== false).join("\n");

/** What a program says of an operation; nothing where it takes more than a token and a body of texts. */
function callOf(api, path, method, operation) {
  const named = (schema) => schema?.$ref?.split("/").pop();
  const schemaOf = (part) => part?.content?.["application/json"]?.schema;
  const variable = (name) => `PRANCER_${snake(name).toUpperCase()}`;
  const type = named(schemaOf(operation.requestBody));
  const { required = [], properties = {} } = api.components.schemas[type] ?? {};
  const members = Object.keys(properties).filter((it) => required.includes(it)).map((name) => {
    const schema = named(properties[name]) ?? "";
    // A token has the same variable wherever it goes.
    return { name, schema, text: (api.components.schemas[schema] ?? properties[name]).type === "string", variable: variable(schema.endsWith("Token") ? schema : name) };
  });
  const codes = Object.keys(operation.responses);
  const refusal = named(schemaOf(operation.responses[codes.find((it) => it >= "400")]));
  const [token] = Object.keys(operation.security?.[0] ?? {});
  if (operation.parameters || !refusal || members.some((it) => !it.text) || (operation.requestBody && !type)) return undefined;
  // What a success has for the program, by the names of a language.
  const answer = api.components.schemas[named(schemaOf(operation.responses[codes[0]]))]?.properties?.data;
  const data = Object.keys(api.components.schemas[named(answer)]?.properties ?? {});
  const given = (comment, nameOf) => (data.length > 0 ? `${comment} In it: ${data.map(nameOf).join(", ")}` : undefined);
  const body = type && { type, members };
  const { operationId: id, tags: [tag] } = operation;
  return { path, method: method.toUpperCase(), id, tag, title: api.info.title, token: token && variable(token), scheme: token, body, refusal, given };
}

const programs = {
  "rust/progenitor": {
    // The page does not know Rust; Swift has most of its words.
    lang: "swift", label: "Rust", ending: "rs",
    program: ({ id, token, scheme, body, given }) => lines(
      "use std::env;",
      "",
      `use prancer_auth_client::{Client, Credential, Error, http_client${body ? ", types" : ""}};`,
      "",
      '#[tokio::main(flavor = "current_thread")]',
      "async fn main() -> Result<(), Box<dyn std::error::Error>> {",
      "    let http = http_client(reqwest::Client::builder())?;",
      token ? `    let token = env::var("${token}")?.into();` : undefined,
      `    let credential = Credential::${token ? `${snake(scheme)}(&token)?` : "none()"};`,
      '    let client = Client::new_with_client(&env::var("PRANCER_PORTAL")?, http, credential);',
      body && [`    let body = types::${body.type}::new(`, ...body.members.map((it) => `        env::var("${it.variable}")?${it.schema ? ".into()" : ""},`), "    );"],
      `    match client.${snake(id)}(${body ? "&body" : ""}).await {`,
      "        Ok(answer) => {",
      "            let answer = answer.into_inner();",
      given("            //", (name) => `answer.data.${snake(name)}`),
      '            println!("{}", answer.status);',
      "        }",
      '        Err(Error::ErrorResponse(answer)) => eprintln!("rejected: {}", answer.into_inner().message),',
      '        Err(_) => eprintln!("the portal did not answer as documented"),',
      "    }",
      "    Ok(())",
      "}",
    ),
  },
  "python/openapi_python_client": {
    lang: "python", label: "Python", ending: "py",
    program: ({ id, tag, token, body, refusal, given }) => lines(
      "import os",
      "",
      `from prancer_auth_api.api.${snake(tag)} import ${snake(id)}`,
      `from prancer_auth_api.models import ${[body?.type, refusal].filter(Boolean).sort().join(", ")}`,
      `from prancer_auth_api.portal import ${token ? "bearer_client" : "portal_client"}`,
      "",
      `client = ${token ? "bearer_client" : "portal_client"}(os.environ["PRANCER_PORTAL"]${token ? `, os.environ["${token}"]` : ""})`,
      body && [`body = ${body.type}(`, ...body.members.map((it) => `    ${snake(it.name)}=os.environ["${it.variable}"],`), ")"],
      `answer = ${snake(id)}.sync(client=client${body ? ", body=body" : ""})`,
      `if isinstance(answer, ${refusal}):`,
      '    raise SystemExit(f"rejected: {answer.message}")',
      given("#", (name) => `answer.data.${snake(name)}`),
      "print(answer.status)",
    ),
  },
  "typescript/openapi_fetch": {
    lang: "typescript", label: "TypeScript", ending: "ts",
    program: ({ path, method, token, body, given }) => lines(
      'import { portalClient } from "@prancer/auth-api";',
      "",
      `const client = portalClient(process.env.PRANCER_PORTAL ?? ""${token ? `, process.env.${token}` : ""});`,
      body
        ? [`const { data, error } = await client.${method}("${path}", {`, "  body: {", ...body.members.map((it) => `    ${it.name}: process.env.${it.variable} ?? "",`), "  },", "});"]
        : `const { data, error } = await client.${method}("${path}");`,
      "if (data === undefined) throw new Error(`rejected: ${error.message}`);",
      given("//", (name) => `data.data.${name}`),
      "console.log(data.status);",
    ),
  },
  "go/redocly": {
    lang: "go", label: "Go", ending: "go",
    program: ({ id, token, body, given }) => lines(
      "package main",
      "",
      ["import (", '\t"context"', '\t"fmt"', '\t"os"', "", '\tprancerauth "github.com/prancer-io/prancer-auth/go"', ")"],
      "",
      "func main() {",
      `\tclient := prancerauth.Portal(os.Getenv("PRANCER_PORTAL"), ${token ? `os.Getenv("${token}")` : '""'})`,
      body
        ? [`\tanswer, err := client.${pascal(id)}(context.Background(), prancerauth.${body.type}{`, ...padded(body.members).map((it) => `\t\t${it}`), "\t})"]
        : `\tanswer, err := client.${pascal(id)}(context.Background())`,
      "\tif status, rejection := prancerauth.Rejection(err); rejection != nil {",
      '\t\tfmt.Fprintln(os.Stderr, "rejected:", status, rejection.Message)',
      "\t\tos.Exit(1)",
      "\t}",
      "\tif err != nil {",
      "\t\tfmt.Fprintln(os.Stderr, err)",
      "\t\tos.Exit(1)",
      "\t}",
      given("\t//", (name) => `answer.Data.${pascal(name)}`),
      "\tfmt.Println(answer.Status)",
      "}",
    ),
  },
  "java/openapi_generator": {
    lang: "java", label: "Java", ending: "java",
    program: ({ id, token, body, given }) => lines(
      "import io.prancer.auth.ApiException;",
      "import io.prancer.auth.Portal;",
      body && `import io.prancer.auth.model.${body.type};`,
      "",
      `public final class ${pascal(id)} {`,
      "    public static void main(String[] arguments) {",
      '        var portal = new Portal(System.getenv("PRANCER_PORTAL"));',
      body && [`        var body = new ${body.type}()`, ...body.members.map((it, i, { length }) => `            .${camel(it.name)}(System.getenv("${it.variable}"))${i + 1 < length ? "" : ";"}`)],
      "        try {",
      `            var answer = portal.${token ? `bearer(System.getenv("${token}"))` : "anonymous()"}.${camel(id)}(${body ? "body" : ""});`,
      given("            //", (name) => `answer.getData().get${pascal(name)}()`),
      "            System.out.println(answer.getStatus());",
      "        } catch (ApiException rejection) {",
      '            System.err.println("rejected: " + rejection.getCode() + " " + Portal.reason(rejection));',
      "        }",
      "    }",
      "}",
    ),
  },
  "php/redocly": {
    lang: "php", label: "PHP", ending: "php",
    program: ({ id, title, token, body, given }) => lines(
      ["<?php", "", "declare(strict_types=1);", "", "require 'vendor/autoload.php';", ""],
      body && `use ${pascal(title)}\\${body.type};`,
      `use ${pascal(title)}\\Portal;`,
      `use ${pascal(title)}\\Rejection;`,
      "",
      "$portal = new Portal(getenv('PRANCER_PORTAL'));",
      body && [`$body = new ${body.type}(`, ...body.members.map((it) => `    ${camel(it.name)}: getenv('${it.variable}'),`), ");"],
      "try {",
      `    $answer = $portal->call(${token ? `getenv('${token}')` : "''"}, ${body ? `fn ($client) => $client->${camel(id)}($body)` : `fn ($client, $headers) => $client->${camel(id)}($headers)`});`,
      given("    //", (name) => `$answer->data->${camel(name)}`),
      '    echo $answer->status, "\\n";',
      "} catch (Rejection $rejection) {",
      '    exit("rejected: {$rejection->status} {$rejection->reason}\\n");',
      "}",
    ),
  },
  "curl/by_hand": {
    lang: "bash", label: "curl", ending: "sh",
    program: ({ path, method, token, body }) => lines(
      "# Secrets come on standard input or by a file, so that no process list shows them.",
      body && ["jq --null-input '{", ...body.members.map((it, i, { length }) => `    ${it.name}: env.${it.variable}${i + 1 < length ? "," : ""}`), "}' |"],
      `${body ? "    " : ""}curl --silent --show-error --fail-with-body --request ${method} "$PRANCER_PORTAL${path}" \\`,
      `${body ? "    " : ""}    --header 'content-type: application/json'${body ? " --data @-" : ""}${token ? " \\" : " |"}`,
      token && `${body ? "    " : ""}    --header @<(printf 'authorization: Bearer %s' "$${token}") |`,
      "    jq .status",
    ),
  },
};

/** The members of a struct, as Go's formatter lays them out. */
function padded(members) {
  const widest = Math.max(...members.map(({ name }) => pascal(name).length));
  return members.map((it) => `${`${pascal(it.name)}:`.padEnd(widest + 1)} os.Getenv("${it.variable}"),`);
}

/** As Redocly's page is told of them. */
export const languages = Object.values(programs).map(({ lang, label }) => ({ lang, label }));

/** The samples of all operations: `{ client, lang, label, ending, id, source }`. */
export function samples(api) {
  const calls = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([, it]) => it.responses).map(([method, it]) => callOf(api, path, method, it)));
  return Object.entries(programs).flatMap(([client, { program, ...language }]) =>
    calls.filter(Boolean).map((call) => ({ client, ...language, id: call.id, source: `${program(call)}\n` })));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [document, client, folder] = process.argv.slice(2);
  mkdirSync(folder, { recursive: true });
  for (const { id, ending, source } of samples(JSON.parse(readFileSync(document, "utf8"))).filter((it) => it.client === client)) {
    // Java's class is called by its file.
    writeFileSync(join(folder, `${pascal(id)}.${ending}`), source);
  }
}
