// The published reference page, from a file and without a network.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { pictures, start, variable, watched } from "./browser.mjs";

const reference = pathToFileURL(resolve(variable("PRANCER_REFERENCE"))).href;
const samples = new URL("../../openapi/reference/samples.json", import.meta.url);
const languages = JSON.parse(readFileSync(samples, "utf8")).map((it) => it.label);
const operations = [
  { id: "login", title: "Log in", path: "/api/login/", nested: "The token that renews the access token" },
  { id: "refresh", title: "Renew the access token", path: "/api/refresh/token/", nested: "The token that renews" },
  { id: "logout", title: "Log out", path: "/api/logout/", nested: "additional property" },
];

let browser;
let watch;
before(async () => {
  browser = await start();
  // High enough for every menu: they do not scroll.
  watch = await watched(browser, { viewport: { width: 1280, height: 1600 } });
  await watch.page.goto(reference);
});
after(() => browser?.close());

for (const operation of operations) {
  test(`${operation.id} is there, with a sample in every language`, async () => {
    const { title, path, nested } = operation;
    const section = sectionOf(watch.page, operation);
    await section.locator("h2", { hasText: title }).waitFor();
    // Everything is expanded.
    await section.getByText(nested).first().waitFor();
    const panel = section.locator(".panel-request-samples");
    await panel.getByText(path, { exact: true }).waitFor();

    const choice = panel.locator('[data-component-name="Dropdown/Dropdown"]').last();
    const samples = new Set();
    for (const language of languages) {
      await choice.getByRole("button").click();
      await watch.page.getByRole("menuitem", { name: language, exact: true }).click();
      await choice.getByRole("button", { name: language, exact: true }).waitFor();
      const sample = (await panel.getByTestId("source-code").innerText()).trim();
      assert.match(sample, /\w/, `${language} is empty`);
      assert.doesNotMatch(sample, /not supported/);
      samples.add(sample);
    }
    assert.equal(samples.size, languages.length, "each language has a sample of its own");
  });
}

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
