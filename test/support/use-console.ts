// What each file of test/web has: a server of its own with the fake model, a browser, and pages that are closed after each test, which
// fails where one of them has had problems.
import { afterAll, afterEach, beforeAll, expect } from "@jest/globals";
import type { Browser } from "playwright-core";
import { startBrowser, type TestPage } from "./browser.ts";
import { openConsole, type Person } from "./console-user.ts";
import { type Stack, startStack } from "./stack.ts";

export type TestedConsole = {
  stack: Stack;
  browser: Browser;
  /** A person who has registered. */
  open(options?: Parameters<typeof openConsole>[2]): Promise<Person>;
  /** Closes the page with the others, and looks for its problems. */
  kept<T extends TestPage>(page: T): T;
};

/** Called once, at the top of a file. @param given as `startStack` takes them */
export function useConsole(...given: Parameters<typeof startStack>): TestedConsole {
  const opened: TestPage[] = [];
  const kept = <T extends TestPage>(page: T): T => {
    opened.push(page);
    return page;
  };
  const tested = {
    kept,
    open: async (options = {}) => kept(await openConsole(tested.browser, tested.stack.server.url, options)),
  } as TestedConsole;
  beforeAll(async () => {
    [tested.stack, tested.browser] = await Promise.all([startStack(...given), startBrowser()]);
  });
  afterEach(async () => {
    const problems = opened.flatMap((one) => one.problems);
    await Promise.all(opened.splice(0).map(({ context }) => context.close()));
    tested.stack.fake.script();
    tested.stack.fake.release();
    expect(problems).toEqual([]);
  });
  afterAll(async () => {
    await tested.browser?.close();
    await tested.stack?.stop();
  });
  return tested;
}
