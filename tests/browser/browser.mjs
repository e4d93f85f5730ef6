// A Chromium, and a page that is watched: what it requests, and what goes wrong on it.

import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

// Not `import`, which knows nothing of NODE_PATH.
const { chromium } = createRequire(import.meta.url)("playwright-core");

const args = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
];

export const start = () => chromium.launch({ executablePath: "/usr/bin/chromium", args });

/** A new page in a context of its own, with the addresses it has asked for and the errors it has shown. */
export async function watched(browser, options = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const watch = { page, requests: [], errors: [], close: () => context.close() };
  page.on("request", (request) => watch.requests.push(request));
  page.on("websocket", (socket) => watch.errors.push(`a socket to ${socket.url()}`));
  page.on("pageerror", (error) => watch.errors.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      watch.errors.push(`${message.text()} (${message.location().url})`);
    }
  });
  return watch;
}

/** Pictures of a page as `show` leaves it, light and dark, wide and narrow, where somebody wants them. */
export async function pictures(browser, name, show) {
  const folder = process.env.PRANCER_SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
      const { page, close } = await watched(browser, { colorScheme, viewport: { width, height: 844 } });
      await show(page);
      await stretch(page, width);
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`) });
      await close();
    }
  }
}

/** A window as high as the page, which draws what is in view only; it grows while it is drawn. */
async function stretch(page, width) {
  for (let i = 0; i < 3; i += 1) {
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height });
    await page.waitForTimeout(300);
  }
}

/** The value of an environment variable that has to be there. */
export function variable(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}
