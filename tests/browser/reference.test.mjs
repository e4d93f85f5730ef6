// The published reference page, from a file and without a network.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { samples } from "../../openapi/samples.mjs";
import { pictures, start, variable, watched } from "./browser.mjs";

const reference = pathToFileURL(resolve(variable("PRANCER_REFERENCE"))).href;
const written = new URL("../../crates/prancer-auth-emulator/src/document.json", import.meta.url);
const api = JSON.parse(readFileSync(written, "utf8"));
const all = samples(api);
const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
  Object.values(methods)
    .filter((it) => it.responses)
    .map((it) => ({ id: it.operationId, title: it.summary, path, nested: nested(it), schemes: Object.keys(it.security?.[0] ?? {}) })),
);

/** The first words of what an answer has two levels down; nothing where it has no data, or a list. */
function nested(operation) {
  const of = (schema) => (schema?.$ref ? api.components.schemas[schema.$ref.split("/").pop()] : (schema ?? {}));
  const [code] = Object.keys(operation.responses);
  const data = of(of(operation.responses[code].content?.["application/json"]?.schema).properties?.data);
  const [first] = Object.values(data.properties ?? {});
  if (first !== undefined) return (first.description ?? of(first).description ?? "").slice(0, 20);
  return data.additionalProperties ? "additional property" : "";
}

let browser;
let watch;
before(async () => {
  browser = await start();
  // As high as the page, for its menus do not scroll.
  watch = await watched(browser, { viewport: { width: 1280, height: 8000 } });
  await watch.page.goto(reference);
});
after(() => browser?.close());

for (const operation of operations) {
  const made = all.filter((it) => it.id === operation.id);
  test(`${operation.id} is there, with its sample in every language`, async () => {
    const { title, path, nested, schemes } = operation;
    const section = sectionOf(watch.page, operation);
    await section.locator("h2", { hasText: title }).waitFor();
    // Everything is expanded.
    if (nested) await section.getByText(nested).first().waitFor();
    for (const scheme of schemes) await section.getByText(`bearer: ${scheme}`).waitFor();
    const panel = section.locator(".panel-request-samples");
    await panel.getByText(path, { exact: true }).waitFor();

    const names = made.map((it) => it.label).join("|");
    const choice = panel.getByRole("button", { name: new RegExp(`^(${names})$`) });
    for (const { label, source } of made) {
      await choose(choice, label);
      await panel.getByRole("button", { name: label, exact: true }).waitFor();
      const code = panel.getByTestId("source-code");
      assert.equal(await shownLike(source, code), plain(source), label);
      assert.notEqual(await code.locator(".th-token").count(), 0, `${label} has no colours`);
    }
  });
}

const plain = (text) => text.replace(/\s+/g, " ").trim();

/** The text that is shown, once it is this: the language is written before its code is. */
async function shownLike(source, code) {
  for (let tries = 0; ; tries += 1) {
    const shown = plain(await code.innerText());
    if (shown === plain(source) || tries >= 300) return shown;
    await watch.page.waitForTimeout(100);
  }
}

/** Opens the menu, again where the page was not ready for it yet, and takes a language. */
async function choose(choice, language) {
  const item = watch.page.getByRole("menuitem", { name: language, exact: true });
  for (let tries = 0; !(await item.isVisible()); tries += 1) {
    assert.ok(tries < 60, "no menu opens");
    await choice.click();
    await item.waitFor({ timeout: 2000 }).catch(() => {});
  }
  await item.click();
}

test("the overview says which token goes where, how long it lives, and what is rejected", async () => {
  for (const words of ["How a token lives", "When the portal rejects", "Tenants", "7 days", "24 hours"]) {
    await watch.page.getByText(words).first().waitFor();
  }
});

test("what is far below the window is found by the browser's search", async () => {
  const { page, close } = await watched(browser, { viewport: { width: 1280, height: 400 } });
  await page.goto(reference);
  const last = operations.findLast((it) => it.nested);
  await page.waitForFunction((words) => window.find(words), last.nested);
  await close();
});

test("all of it came out of the file, and nothing went wrong", () => {
  const inside = /^(data|blob):/;
  const requests = watch.requests.map((it) => it.url()).filter((url) => !inside.test(url));
  assert.deepEqual(requests, [reference]);
  assert.deepEqual(watch.errors, []);
});

test("pictures", { skip: !process.env.PRANCER_SCREENSHOTS }, async () => {
  await pictures(browser, "reference", async (page) => {
    await page.goto(reference);
    await sectionOf(page, operations[0]).waitFor();
  });
});

const sectionOf = (page, { id }) => page.locator(`[data-section-id$="/${id}"]`);
