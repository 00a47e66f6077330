// A login in a browser: links with a code, several tabs, its end; and what a page does that nobody sees or that has no network.
import { expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { openPage } from "../support/browser.ts";
import { Client, register } from "../support/client.ts";
import { answers, composer, ended, openAnotherTab, say, signIn } from "../support/console-user.ts";
import { useConsole } from "../support/use-console.ts";
import { waitFor } from "../support/wait-for.ts";

const tested = useConsole();

async function linkOf(client: Client): Promise<string> {
  const { body } = await client.call<{ code: string }>("POST", "/users/sign-in-codes");
  return `${tested.stack.server.url}/#code=${body.code}`;
}

test("a link with a code signs in, once; the code is in no address that is asked for and none that stays", async () => {
  const owner = new Client(tested.stack.server.url, await tested.stack.server.ownerKey());
  const link = await linkOf(owner);
  const { page, requests } = tested.kept(await openPage(tested.browser, tested.stack.server.url));
  await page.goto(link);
  await composer(page).waitFor();
  expect(page.url()).not.toContain("code");
  expect(requests.filter((url) => url.includes("code=")).length).toBe(0);
  await page.reload();
  await composer(page).waitFor();
  const second = tested.kept(await openPage(tested.browser, tested.stack.server.url));
  await second.page.goto(link);
  await second.page.getByRole("heading", { name: "Welcome to MacJarvis" }).waitFor();
  expect(await second.page.getByRole("status").innerText()).toMatch(/code/i);
});

test("somebody else's link does not change who is signed in", async () => {
  const { page, email } = await tested.open();
  const stranger = await register(tested.stack.server.url);
  await page.goto("about:blank");
  await page.goto(await linkOf(stranger));
  await composer(page).waitFor();
  expect(await page.locator(".account-name").innerText()).toBe(email.split("@")[0]);
});

test("signed out in one tab, all are; nothing that was said or written is left", async () => {
  const person = await tested.open();
  const { page } = person;
  const second = tested.kept(await openAnotherTab(person, tested.stack.server.url));
  await say(page, "a secret");
  await ended(page).waitFor();
  await composer(page).fill("an unsent secret");
  await second.page.locator(".account summary").click();
  await second.page.getByRole("button", { name: "Sign out" }).click();
  for (const one of [page, second.page]) await one.getByText("You have signed out.").waitFor();
  expect(await page.content()).not.toContain("secret");
  expect(await page.evaluate("JSON.stringify(localStorage)")).not.toContain("secret");
  await page.reload();
  await page.getByRole("heading", { name: "Welcome to MacJarvis" }).waitFor();
});

test("a login that was ended elsewhere is told, and a sign-in goes on where one was", async () => {
  const user = await register(tested.stack.server.url);
  const { page } = tested.kept(await openPage(tested.browser, tested.stack.server.url));
  await page.goto(tested.stack.server.url);
  await signIn(page, user);
  await say(page, "before the end");
  await ended(page).waitFor();
  const password = "another good password 7";
  await user.call("PUT", "/users/me", { password, current_password: user.password });
  await page.getByText("Your sign-in has ended. Please sign in again.").waitFor();
  await signIn(page, { email: user.email, password });
  await answers(page).getByText("echo: before the end").waitFor();
});

test("several tabs that begin at once all stay signed in", async () => {
  const person = await tested.open();
  const tabs = await Promise.all(
    Array.from({ length: 4 }, () => openAnotherTab(person, tested.stack.server.url)),
  );
  for (const tab of tabs) tested.kept(tab);
  await Promise.all([person, ...tabs].map(({ page }) => page.reload()));
  for (const { page } of [person, ...tabs]) await composer(page).waitFor();
});

/** As the browser tells a page that another tab is in front of it, or no longer is. */
const setVisible = (page: Page, isVisible: boolean) =>
  page.evaluate(`
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => ${isVisible ? '"visible"' : '"hidden"'} });
    document.dispatchEvent(new Event("visibilitychange"));
  `);

test("a page that nobody sees reads nothing, and shows all that happened when it is seen again", async () => {
  const { page } = await tested.open();
  const open = new Set<string>();
  const isStream = (url: string) => /\/events$|\/agent\/chat$/.test(url);
  page.on(
    "request",
    (request) => isStream(request.url()) && open.add(`${request.method()} ${request.url()}`),
  );
  page.on("requestfailed", (request) => open.delete(`${request.method()} ${request.url()}`));
  page.on("requestfinished", (request) => open.delete(`${request.method()} ${request.url()}`));
  const gate = Promise.withResolvers<void>();
  tested.stack.fake.script([{ text: ["before ", "and after"], gate: gate.promise, gateAfter: 1 }]);
  await say(page, "while hidden");
  await answers(page).getByText("before").waitFor();
  await setVisible(page, false);
  await waitFor("no stream is open", () => open.size === 0);
  gate.resolve();
  await setVisible(page, true);
  await ended(page).waitFor();
  await answers(page).getByText("before and after").waitFor();
});

test("without a network it says so, and goes on when there is one again", async () => {
  const { page, context } = await tested.open();
  await context.setOffline(true);
  await page.getByText("You are offline.").waitFor();
  await say(page, "not sent");
  await page.locator(".composer .error").waitFor();
  expect(await composer(page).inputValue()).toBe("not sent");
  await context.setOffline(false);
  await page.getByText("You are offline.").waitFor({ state: "detached" });
  await composer(page).press("Enter");
  await answers(page).getByText("echo: not sent").waitFor();
});

test("a limit that is reached is said where one writes, with when more is possible, and nothing written is lost", async () => {
  const user = await register(tested.stack.server.url);
  const admin = new Client(tested.stack.server.url, await tested.stack.server.ownerKey());
  const limits = { runs_per_day: 1 };
  expect((await admin.call("PATCH", `/admin/users/${user.id}`, { limits })).status).toBe(200);
  const { page } = tested.kept(await openPage(tested.browser, tested.stack.server.url));
  await page.goto(tested.stack.server.url);
  await signIn(page, user);
  await say(page, "the only one");
  await ended(page).waitFor();
  await page.getByText("0 of 1 runs left today").waitFor();
  await say(page, "one too many");
  const words = page.locator(".composer .error");
  await words.waitFor();
  expect(await words.innerText()).toMatch(/More is possible .*\d\d:\d\d/);
  expect(await composer(page).inputValue()).toBe("one too many");
});
