// What an administrator sees of the whole installation: usage, models, machines and processes.
import { delimiter } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { findServer } from "../../bin/cluster/servers/find-server.ts";
import { isTooWide, serious } from "../support/accessible.ts";
import { Client, register } from "../support/client.ts";
import { goToAdmin as go, panel } from "../support/console-admin.ts";
import { composer, type openConsole } from "../support/console-user.ts";
import { joinMac } from "../support/edge/join-mac.ts";
import { useConsole } from "../support/use-console.ts";
import { waitFor } from "../support/wait-for.ts";

const PATH = [findServer("nats").folder, process.env.PATH].join(delimiter);
const tested = useConsole({ PATH, SANDBOX: "off" }, { args: ["--with-nats"] });

const owner = async () => new Client(tested.stack.server.url, await tested.stack.server.ownerKey());

async function open(section: string, options: Parameters<typeof openConsole>[2] = {}): Promise<Page> {
  const { page, email } = await tested.open(options);
  const admin = await owner();
  const { users } = (await admin.call<{ users: { id: string }[] }>("GET", `/admin/users?q=${email}`)).body;
  await admin.call("PATCH", `/admin/users/${users[0]?.id}`, { role: "admin" });
  await page.reload();
  await composer(page).waitFor();
  await go(page, section);
  return page;
}

async function emailOf(user: Client): Promise<string> {
  return (await user.call<{ user: { email: string } }>("GET", "/users/me")).body.user.email;
}

/** The cells of a row of a table, by what its row is called. */
const cells = (page: Page, name: string) =>
  page
    .getByRole("row")
    .filter({ has: page.getByRole("rowheader", { name, exact: true }) })
    .getByRole("cell");

describe("usage", () => {
  test("of everybody is shown as sums, by user and by model, and for as many days as one wants", async () => {
    const [much, little] = [await register(tested.stack.server.url), await register(tested.stack.server.url)];
    for (const message of ["one", "two"]) await much.chat({ message });
    await little.chat({ message: "one" });
    const page = await open("usage");
    const [first, second] = [await emailOf(much), await emailOf(little)];
    const names = () => panel(page, "Who used most").getByRole("rowheader").allInnerTexts();
    await page.getByText("2 of 2, by cost, then by tokens").waitFor();
    expect(await names()).toEqual([first, second]);
    expect((await cells(page, first).allInnerTexts())[0]).toBe("2");
    expect((await cells(page, "openai/fake").allInnerTexts())[0]).toBe("3");
    expect(await panel(page, "Everybody together").locator("dd").allInnerTexts()).toEqual(
      expect.arrayContaining(["2", "3"]),
    );
    await page.getByRole("radio", { name: "7 days" }).check();
    await page.getByRole("heading", { name: "Last 7 days" }).waitFor();
    expect(await panel(page, "Last 7 days").locator(".bar").count()).toBe(7);
    await page.getByRole("link", { name: first }).click();
    await page.getByRole("heading", { name: first }).waitFor();
  });
});

describe("models", () => {
  test("one that fails rests, with its code; it is well again when it has answered", async () => {
    const user = await register(tested.stack.server.url);
    tested.stack.fake.script(({ body }) =>
      body.model === "other" ? { fault: { type: "status", status: 503 } } : undefined,
    );
    await user.chat({ message: "hello", model: "openai/other" });
    const page = await open("models");
    const row = panel(page, "Models").getByRole("listitem").filter({ hasText: "openai/other" });
    await row.getByText("resting").waitFor();
    expect(await row.locator(".health").innerText()).toMatch(/asked 3, failed 3[\s\S]*model_unavailable/);
    tested.stack.fake.script(() => undefined);
    await user.chat({ message: "hello", model: "openai/other" });
    await page.getByRole("button", { name: "Check again" }).click();
    await row.getByText("well", { exact: true }).waitFor();
    expect(await row.locator(".health").innerText()).toMatch(/asked 4, failed 3[\s\S]*first word after/);
    const server = panel(page, "Processes that ask models").getByRole("listitem");
    expect(await server.innerText()).toMatch(/Server of openai[\s\S]*checked/);
    expect(await panel(page, "Providers").innerText()).toContain("anthropic");
    expect(await page.locator("#content").innerText()).not.toContain("sk-test-canary");
  });
});

describe("machines", () => {
  test("somebody's Mac is shown with whose it is, and is ended after a question", async () => {
    const user = await register(tested.stack.server.url);
    const mac = await joinMac(user, "studio <b>of Ada</b>");
    try {
      const page = await open("nodes");
      const row = page.getByRole("listitem").filter({ hasText: "studio <b>of Ada</b>" });
      await row.getByRole("link", { name: await emailOf(user) }).waitFor();
      const processes = panel(page, "Processes of the server").getByRole("listitem");
      expect(await processes.allInnerTexts()).toEqual([
        expect.stringMatching(/there[\s\S]*answers you now[\s\S]*running since[\s\S]*agent, api, config/),
      ]);
      await row.getByRole("button", { name: /Revoke/ }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
      expect((await user.call<{ nodes: object[] }>("GET", "/nodes")).body.nodes).toHaveLength(2);
      await row.getByRole("button", { name: /Revoke/ }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
      await page.getByText("No Mac is paired.").waitFor();
      const left = async () => (await user.call<{ nodes: object[] }>("GET", "/nodes")).body.nodes.length;
      await waitFor("its owner has it no more", async () => (await left()) === 1);
    } finally {
      await mac.remove();
    }
  });
});

test.each([
  ["narrow", { viewport: { width: 320, height: 800 } }],
  [
    "narrow, dark and Chinese",
    { viewport: { width: 320, height: 800 }, colorScheme: "dark", locale: "zh-CN" },
  ],
  ["wide and dark", { colorScheme: "dark" }],
] as const)("nothing is cut off or hard to read: %s", async (_name, options) => {
  const page = await open("usage", options);
  for (const section of ["usage", "models", "nodes"]) {
    await go(page, section);
    await page.locator("#content .panel").nth(1).waitFor();
    expect([section, await isTooWide(page), await serious(page)]).toEqual([section, false, []]);
  }
});
