// An administrator in front of the console: the owner of the installation, signed in by a link as `npm run console` gives it.
import type { Browser } from "playwright-core";
import { openPage, type TestPage } from "./browser.ts";
import { Client } from "./client.ts";
import { composer } from "./console-user.ts";
import type { TestServer } from "./start-server.ts";

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
