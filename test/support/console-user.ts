// A person in front of the console: a page that is signed in, and what people do with it.
import type { Browser, Page } from "playwright-core";
import { openPage, openTab, type TestPage } from "./browser.ts";
import { Client } from "./client.ts";

let people = 0;
const PASSWORD = "correct horse battery 9";

export type Person = TestPage & { email: string; password: string };

/** Registers by the form. */
export async function openConsole(
  browser: Browser,
  url: string,
  options: Parameters<typeof openPage>[2] = {},
): Promise<Person> {
  const opened = await openPage(browser, url, options);
  people += 1;
  const email = `person${people}.${process.pid}.${Date.now()}@example.com`;
  const { page } = opened;
  await page.goto(url);
  await page.getByRole("button", { name: /No account yet|注册一个/ }).click();
  await page.getByLabel(/E-mail|电子邮箱/).fill(email);
  await page.getByLabel(/Password|密码/).fill(PASSWORD);
  await page.getByRole("button", { name: /^(Create account|注册)$/ }).click();
  await composer(page).waitFor();
  return { ...opened, email, password: PASSWORD };
}

/** The same person in another tab: the login of the browser is theirs, too. */
export async function openAnotherTab({ context }: Person, url: string): Promise<TestPage> {
  const opened = await openTab(context, url);
  await opened.page.goto(url);
  await composer(opened.page).waitFor();
  return opened;
}

export async function signIn(
  page: Page,
  { email, password }: Pick<Person, "email" | "password">,
): Promise<void> {
  await page.getByLabel(/E-mail|电子邮箱/).fill(email);
  await page.getByLabel(/Password|密码/).fill(password);
  await page.getByRole("button", { name: /^(Sign in|登录)$/ }).click();
  await composer(page).waitFor();
}

/** A program of the same person, with a login of its own. */
export async function programOf(
  url: string,
  { email, password }: Pick<Person, "email" | "password">,
): Promise<Client> {
  const client = new Client(url);
  const { body } = await client.call<{ access_token: string }>("POST", "/users/login", { email, password });
  client.token = body.access_token;
  return client;
}

export const composer = (page: Page) => page.getByRole("textbox", { name: /^(Message|消息)$/ });

export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press("Enter");
}

/** The answers on the page, oldest first. */
export const answers = (page: Page) => page.locator(".answer");
/** Shown when a run has ended. */
export const ended = (page: Page) => page.locator(".run-end");
