// The interactive reference of the emulator, as a person uses it. Tokens are compared, never printed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { pictures, start, variable, watched } from "./browser.mjs";

const portal = new URL(variable("PRANCER_PORTAL"));
const password = variable("PRANCER_PASSWORD");

let browser;
before(async () => {
  browser = await start();
});
after(() => browser?.close());

test("a session from login to logout, in the page alone", async () => {
  const docs = await Docs.open();
  // By the example that is there already.
  const login = await docs.execute("login");
  assert.equal(login.status, 200);
  const { token, refresh_token: refreshToken } = login.body.data;
  assert.ok(token && refreshToken, "both tokens are shown");
  assert.ok(token !== refreshToken, "they are two");
  await docs.authorize({ accessToken: token, refreshToken });

  const refresh = await docs.execute("refresh");
  assert.equal(refresh.status, 200);
  assert.ok(refresh.bearer === refreshToken, "refresh sends the refresh token");
  assert.ok(refresh.body.data.token !== token, "a new access token is shown");

  const logout = await docs.execute("logout");
  assert.equal(logout.status, 200);
  assert.ok(logout.bearer === token, "logout sends the access token");
  assert.equal(logout.body.message, "User logged out successfully!");

  const late = await docs.execute("refresh");
  assert.equal(late.status, 401);
  assert.equal(late.body.error, "Unauthorized");
  await docs.close([401]);
});

test("a wrong password is refused, and the page shows why", async () => {
  const docs = await Docs.open();
  const login = await docs.logIn(`${password}?`);
  assert.equal(login.status, 400);
  assert.equal(login.body.message, "Invalid Email or Password");
  await docs.close([400]);
});

test("a narrow window shows all of it", async () => {
  const { page, close } = await watched(browser, { viewport: { width: 390, height: 844 } });
  await page.goto(new URL("/docs", portal).href);
  await new Operation(page, "login").open();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  await close();
});

test("pictures", { skip: !process.env.PRANCER_SCREENSHOTS }, async () => {
  await pictures(browser, "docs", async (page) => {
    await page.goto(new URL("/docs", portal).href);
    await new Operation(page, "login").open();
  });
});

/** The page at /docs. */
class Docs {
  static async open() {
    const docs = new Docs();
    docs.watch = await watched(browser);
    docs.page = docs.watch.page;
    await docs.page.goto(new URL("/docs", portal).href);
    return docs;
  }

  logIn(password) {
    const credentials = {
      email: variable("PRANCER_EMAIL"),
      password,
      customer_id: variable("PRANCER_CUSTOMER_ID"),
    };
    return this.execute("login", JSON.stringify(credentials));
  }

  execute(id, body) {
    return new Operation(this.page, id).execute(body);
  }

  /** Types a token into each scheme of the dialog. */
  async authorize(tokens) {
    await this.page.getByRole("button", { name: "Authorize" }).first().click();
    const dialog = this.page.locator(".modal-ux");
    for (const [scheme, token] of Object.entries(tokens)) {
      const form = dialog.locator("form").filter({ hasText: scheme });
      await form.getByLabel("auth-bearer-value").fill(token);
      await form.getByRole("button", { name: "Apply credentials" }).click();
      await form.getByRole("button", { name: "Remove authorization" }).waitFor();
    }
    await dialog.getByRole("button", { name: "Close" }).first().click();
  }

  /** Nothing was asked of anybody else, and nothing went wrong but the calls that were to be refused. */
  async close(refused) {
    const origins = new Set(this.watch.requests.map((it) => new URL(it.url()).origin));
    origins.delete("null"); // data: and blob:
    assert.deepEqual([...origins], [portal.origin]);
    const expected = refused.map((status) => new RegExp(`responded with a status of ${status} .*/api/`));
    assert.equal(this.watch.errors.length, expected.length, this.watch.errors.join("\n"));
    expected.forEach((line, i) => assert.match(this.watch.errors[i], line));
    await this.watch.close();
  }
}

/** One operation of the page. */
class Operation {
  constructor(page, id) {
    this.page = page;
    this.block = page.locator(`[id^="operations-"][id$="-${id}"]`);
  }

  /** Unfolds it. It can be tried out at once. */
  async open() {
    const execute = this.block.getByRole("button", { name: "Execute" });
    await this.block.waitFor();
    if (!(await execute.isVisible())) await this.block.locator(".opblock-summary-control").click();
    await execute.waitFor();
    return execute;
  }

  /** Executes it and reads the answer that is shown. */
  async execute(body) {
    const execute = await this.open();
    const clear = this.block.getByRole("button", { name: "Clear" });
    if (await clear.isVisible()) await clear.click();
    if (body) await this.block.locator("textarea.body-param__text").fill(body);
    const sent = this.page.waitForRequest((it) => new URL(it.url()).pathname.includes("/api/"));
    await execute.click();
    const [, bearer] = ((await (await sent).headerValue("authorization")) ?? "").split("Bearer ");
    const answer = this.block.locator(".live-responses-table tr.response");
    const status = await answer.locator(".response-col_status").innerText();
    const shown = await answer.locator(".highlight-code pre").first().innerText();
    return { status: Number.parseInt(status, 10), body: JSON.parse(shown), bearer };
  }
}
