// What happens when nobody looks, when a machine dies over a call, when there is no mouse, and who else is signed in.
import { expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { openPage } from "../support/browser.ts";
import { answers, composer, ended, openConsole, programOf, say } from "../support/console-user.ts";
import { startStack } from "../support/stack.ts";
import { useConsole } from "../support/use-console.ts";
import { waitFor } from "../support/wait-for.ts";

const tested = useConsole();
const shell = (command: string) => `call:execute_shell_command ${JSON.stringify({ command })}`;

test("a question is told by the browser to a person who looks elsewhere, once, and to nobody who looks", async () => {
  const person = await tested.open();
  const { page, context } = person;
  await context.grantPermissions(["notifications"]);
  await context.addInitScript(`
    globalThis.told = [];
    globalThis.Notification = class {
      static permission = "granted";
      static requestPermission = async () => "granted";
      constructor(title, options) { globalThis.told.push([title, options.body]); }
    };`);
  await page.reload();
  await composer(page).waitFor();
  const told = () => page.evaluate("globalThis.told") as Promise<[string, string][]>;
  await say(page, shell("echo seen"));
  await page.locator(".approval").waitFor();
  await page.getByRole("button", { name: "Deny" }).click();
  await ended(page).waitFor();
  expect(await told()).toEqual([]);
  await page.evaluate(`
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));`);
  const program = await programOf(tested.stack.server.url, person);
  await program.call("POST", "/agent/chat/sync", { message: shell("echo unseen") });
  await waitFor("the person is told", async () => (await told()).length > 0);
  expect(await told()).toEqual([["MacJarvis asks you", expect.stringContaining("execute_shell_command")]]);
});

test("a call whose end nobody knows says so, stays open, and is not repeated", async () => {
  const own = await startStack();
  try {
    const { page } = tested.kept(await openConsole(tested.browser, own.server.url));
    await say(page, shell("echo begun; sleep 300"));
    await page.getByRole("button", { name: "Approve" }).click();
    await page.locator(".output .stdout").getByText("begun").waitFor();
    await own.restart({ PORT: new URL(own.server.url).port });
    await ended(page).waitFor();
    const card = page.locator(".call.outcome_unknown");
    await card.locator(".call-status").getByText("nobody knows").waitFor();
    await card.getByText("Look before you go on.").waitFor();
    expect(await card.locator(".call-head").getAttribute("aria-expanded")).toBe("true");
    expect(await page.locator(".call").count()).toBe(1);
  } finally {
    await own.stop();
  }
});

/** Walks with the tabulator to what has this name. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let steps = 0; steps < 60; steps += 1) {
    const words = await page.evaluate(`(() => {
      const at = document.activeElement;
      return at?.getAttribute("aria-label") || at?.getAttribute("placeholder") || at?.labels?.[0]?.textContent || at?.textContent || "";
    })()`);
    if (name.test(String(words).trim())) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not come to ${name}`);
}

test("a person registers, asks, approves and reads the answer without a mouse", async () => {
  const { page } = tested.kept(await openPage(tested.browser, tested.stack.server.url));
  await page.goto(tested.stack.server.url);
  await page.getByRole("button", { name: /No account yet/ }).waitFor();
  await tabTo(page, /No account yet/);
  await page.keyboard.press("Enter");
  await tabTo(page, /^E-mail/);
  await page.keyboard.type(`keys.${process.pid}.${Date.now()}@example.com`);
  await tabTo(page, /^Password/);
  await page.keyboard.type("correct horse battery 9");
  await page.keyboard.press("Enter");
  await composer(page).waitFor();
  await tabTo(page, /^Message$/);
  await page.keyboard.type(shell("echo by the keyboard"));
  await page.keyboard.press("Enter");
  await page.locator(".approval").waitFor();
  await tabTo(page, /^May I do this\?/);
  await page.keyboard.press("a");
  await ended(page).waitFor();
  await answers(page).getByText("done:").waitFor();
  expect(await page.locator(".call-status").innerText()).toMatch(/^done/);
});

test("where one is signed in is shown, and a login that is ended there is out at once", async () => {
  const person = await tested.open();
  const { page } = person;
  const program = await programOf(tested.stack.server.url, person);
  await page.evaluate('location.hash = "#/settings/account"');
  const rows = page.getByRole("region", { name: "Where you are signed in" }).getByRole("listitem");
  await rows.nth(1).waitFor();
  expect(await rows.filter({ hasText: "this one" }).count()).toBe(1);
  await rows
    .filter({ hasNotText: "this one" })
    .getByRole("button", { name: /^Sign out/ })
    .click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await rows.nth(1).waitFor({ state: "detached" });
  expect((await program.call("GET", "/users/me")).status).toBe(401);
});

test("what the server refuses is said in Chinese to who reads that", async () => {
  const { page } = tested.kept(await openPage(tested.browser, tested.stack.server.url, { locale: "zh-CN" }));
  await page.goto(tested.stack.server.url);
  // The tables come behind the page: what is refused before that is said in the server's own words.
  await page.waitForLoadState("networkidle");
  await page.getByLabel("电子邮箱").fill("nobody@example.com");
  await page.getByLabel("密码").fill("not the password 7");
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.getByRole("alert").getByText("邮箱或密码不正确。").waitFor();
});
