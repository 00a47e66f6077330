// An administrator in front of the console: the owner of the installation, signed in by a link as `npm run console` gives it.
import type { Browser, Page } from "playwright-core";
import { openPage, type TestPage } from "./browser.ts";
import { Client } from "./client.ts";
import { composer } from "./console-user.ts";
import type { TestServer } from "./start-server.ts";
import type { TestedConsole } from "./use-console.ts";

export async function openAsAdmin(
  browser: Browser,
  server: TestServer,
  options: Parameters<typeof openPage>[2] = {},
): Promise<TestPage> {
  const owner = new Client(server.url, await server.ownerKey());
  const { body } = await owner.call<{ code: string }>("POST", "/users/sign-in-codes");
  const opened = await openPage(browser, server.url, options);
  await opened.page.goto(`${server.url}/#code=${body.code}`);
  await composer(opened.page).waitFor();
  return opened;
}

/** Opens a section of the administration, or one account of it (`users/usr_…`). */
export async function goToAdmin(page: Page, section: string): Promise<void> {
  await page.evaluate(`location.hash = "#/admin/${section}"`);
  await page.locator(`.tabs [aria-current=page][href$="/${section.split("/")[0]}"]`).waitFor();
}

export async function openAdmin(
  tested: TestedConsole,
  section: string,
  options: Parameters<typeof openAsAdmin>[2] = {},
): Promise<Page> {
  const { page } = tested.kept(await openAsAdmin(tested.browser, tested.stack.server, options));
  await goToAdmin(page, section);
  return page;
}

export const dialog = (page: Page) => page.getByRole("dialog");
export const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
/** In the dialog that asks for it. */
export const confirm = (page: Page, name: string) =>
  dialog(page).getByRole("button", { name, exact: true }).click();
/** The panel with this heading. */
export const panel = (page: Page, name: string | RegExp) => page.getByRole("region", { name, exact: true });
