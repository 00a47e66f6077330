// Sessions of thousands of messages: read page by page without a jump, and as fast as short ones while an answer comes.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { openPage, startBrowser } from "../support/browser.ts";
import { register } from "../support/client.ts";
import { answers, ended, say, signIn } from "../support/console-user.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

const MESSAGES = 2_000;

let stack: Stack;
let browser: Browser;
let person: Awaited<ReturnType<typeof register>>;
let session: string;
beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  person = await register(stack.server.url);
  const made = await person.call<{ session: { id: string } }>("POST", "/sessions", { title: "a long one" });
  session = made.body.session.id;
  for (let number = 1; number <= MESSAGES; number += 1) {
    const content = `message ${number}\n\n${"Some **words** with `code` in them. ".repeat(1 + (number % 7))}`;
    await person.call("POST", `/sessions/${session}/messages`, {
      role: number % 2 === 1 ? "user" : "assistant",
      content,
    });
  }
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const FRAME = `document.querySelector(".turns")`;
const topOf = (page: Page, text: string) =>
  page.evaluate(
    `[...document.querySelectorAll(".said")].find((one) => one.textContent.includes(${JSON.stringify(text)})).getBoundingClientRect().top`,
  ) as Promise<number>;

async function open(): Promise<{ page: Page; problems: string[] }> {
  const { page, problems } = await openPage(browser, stack.server.url);
  await page.goto(`${stack.server.url}/#/sessions/${session}`);
  await signIn(page, person);
  await page.getByText(`message ${MESSAGES - 1}`).waitFor();
  return { page, problems };
}

test("it begins at its end; older pages come while one scrolls up, and what one reads stays where it is", async () => {
  const { page, problems } = await open();
  const atEnd = () =>
    page.evaluate(
      `${FRAME}.scrollHeight - ${FRAME}.scrollTop - ${FRAME}.clientHeight < 48`,
    ) as Promise<boolean>;
  await waitFor("the end is shown", atEnd);
  expect(await page.getByRole("button", { name: "Jump to latest" }).count()).toBe(0);
  // Not its `innerText`: what is out of sight is not rendered, and has none.
  const first = () => page.locator(".said").first().textContent();
  const before = await first();
  const release = Promise.withResolvers<void>();
  await page.route("**/messages?*before=*", async (route) => {
    await release.promise;
    await route.continue();
  });
  await page.evaluate(`${FRAME}.scrollTop = 0`);
  await page.getByText("Loading older messages…").waitFor();
  const read = /message \d+/.exec(before ?? "")?.[0] ?? "nothing";
  const top = await topOf(page, read);
  release.resolve();
  await waitFor("older messages are there", async () => (await first()) !== before);
  expect(Math.abs((await topOf(page, read)) - top)).toBeLessThanOrEqual(2);
  await page.getByRole("button", { name: "Jump to latest" }).click();
  await waitFor("the end is shown again", atEnd);
  expect(problems).toEqual([]);
});

test("a page that stays open keeps what is near its end, and has the rest for whoever scrolls up", async () => {
  const { page, problems } = await open();
  const turns = () => page.locator(".turn").count();
  for (let pages = 0; pages < 6; pages += 1) {
    const before = await turns();
    await page.evaluate(`${FRAME}.scrollTop = 0`);
    await waitFor("an older page is there", async () => (await turns()) > before);
  }
  const most = await turns();
  await page.getByRole("button", { name: "Jump to latest" }).click();
  await waitFor("the older ones are gone", async () => (await turns()) <= most / 2);
  const kept = await turns();
  await page.getByText(`message ${MESSAGES - 1}`).waitFor();
  expect(await page.getByRole("button", { name: "Jump to latest" }).count()).toBe(0);
  await page.evaluate(`${FRAME}.scrollTop = 0`);
  await waitFor("they are read again", async () => (await turns()) > kept);
  expect(problems).toEqual([]);
});

test("all of it can be read, and while an answer comes a reader elsewhere is left alone", async () => {
  const { page, problems } = await open();
  await waitFor("the first message is there", async () => {
    await page.evaluate(`${FRAME}.scrollTop = 0`);
    return (await page.getByText("message 1", { exact: false }).first().innerText()).startsWith(
      "message 1\n",
    );
  });
  const gate = Promise.withResolvers<void>();
  const answer = {
    text: ["begun ", ...Array.from({ length: 300 }, (_, index) => `word${index} `)],
    ...{ gate: gate.promise, gateAfter: 1, delayMs: 10 },
  };
  // The other question is for a summary of what is too long for a model.
  stack.fake.script(({ heard }) => (heard.message === "and now?" ? answer : undefined));
  await say(page, "and now?");
  await answers(page).getByText("begun").waitFor();
  await page.evaluate(`
    globalThis.frames = [];
    (function next(last) {
      requestAnimationFrame((now) => { globalThis.frames.push(now - last); next(now); });
    })(performance.now());
  `);
  gate.resolve();
  await ended(page).waitFor();
  const frames = (await page.evaluate("globalThis.frames.slice(1)")) as number[];
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  process.stdout.write(
    `frames ${frames.length}, ms p50 ${at(0.5).toFixed(1)} p95 ${at(0.95).toFixed(1)} p99 ${at(0.99).toFixed(1)}\n`,
  );
  // Far from what it takes (see docs/console.md), near to what would be broken.
  expect(at(0.5)).toBeLessThan(100);
  await page.evaluate(`${FRAME}.scrollTop = ${FRAME}.scrollHeight / 2`);
  await page.getByRole("button", { name: "Jump to latest" }).waitFor();
  const place = await page.evaluate(`${FRAME}.scrollTop`);
  // Saying nothing, another tab's answer comes below.
  await person.chat({ message: "from elsewhere", session_id: session });
  await answers(page).getByText("echo: from elsewhere").waitFor({ state: "attached" });
  expect(
    Math.abs(((await page.evaluate(`${FRAME}.scrollTop`)) as number) - (place as number)),
  ).toBeLessThanOrEqual(2);
  expect(problems).toEqual([]);
});
