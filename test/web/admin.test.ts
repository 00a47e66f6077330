// The administration, as an admin uses it; beside them other admins, who are programs here.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { isTooWide, serious } from "../support/accessible.ts";
import { Client, register } from "../support/client.ts";
import { confirm, dialog, goToAdmin as go, openAdmin, panel, press } from "../support/console-admin.ts";
import { useConsole } from "../support/use-console.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");
const [home, work] = ["home", "work"].map((name) =>
  mkdtempSync(join(tmpdir(), `macjarvis-admin-${name}-`)),
) as [string, string];
const log = join(work, "weather.log");
const script = join(ROOT, "test/support/mcp/scripted-server.ts");
const weather = { command: process.execPath, args: [script, "changes", log] };
writeFileSync(join(home, "mcp.json"), JSON.stringify({ mcpServers: { weather } }), { mode: 0o600 });
/** The server's next list of tools has this description. */
const describeWeather = (words: string) => writeFileSync(`${log}.weather`, words);

const tested = useConsole({ TOOL_ROOTS: `${work},${ROOT}` }, { home });
/** Another admin. */
let other: Client;
beforeAll(async () => {
  other = new Client(tested.stack.server.url, await tested.stack.server.ownerKey());
});

afterAll(() => rmSync(work, { recursive: true }));

/** Another address each time. */

const open = (section: string, options: Parameters<typeof openAdmin>[2] = {}) =>
  openAdmin(tested, section, options);

describe("the audit trail", () => {
  test("is narrowed down by a person's address and a kind; an entry is shown whole", async () => {
    const person = await register(tested.stack.server.url);
    await person.chat({ message: "hello" });
    const page = await open(`users/${person.id}`);
    const email = await page.getByLabel("E-mail", { exact: true }).inputValue();
    await press(page, "What the audit trail says");
    const entries = page.getByRole("list", { name: "Entries" });
    await entries.getByText("account.registered").waitFor();
    expect(await page.getByLabel("User", { exact: true }).inputValue()).toBe(email);
    await page.getByLabel("Kind, or its beginning").fill("run");
    await press(page, "Show");
    await entries.getByText("account.registered").waitFor({ state: "detached" });
    await entries.getByText("run.ended").waitFor();
    await entries.getByText("The whole entry").first().click();
    await entries.getByRole("region", { name: "Details" }).getByText("finish_reason").waitFor();
    await page.getByLabel("User", { exact: true }).fill("nobody@example.com");
    await press(page, "Show");
    await page.getByRole("alert").filter({ hasText: "Nobody has the address" }).waitFor();
    await press(page, "Show all");
    await page.getByLabel("From", { exact: true }).fill("2099-01-01T00:00:00");
    await press(page, "Show");
    await page.getByText("Nothing in the trail fits.").waitFor();
  });

  test("is verified; a row that somebody has changed is named, and a head that is not in it", async () => {
    const page = await open("audit");
    await press(page, "Verify");
    await page.getByText("The trail is as it was written").waitFor();
    const heads = await panel(page, /^Is the trail/)
      .locator(".copy-box code")
      .innerText();
    const [head] = JSON.parse(heads) as { seq: number; hash: string }[];
    const [row] = await tested.stack.sql("SELECT details FROM audit WHERE seq = 3");
    const write = (details: string) =>
      tested.stack.sql(`UPDATE audit SET details = '${details.replaceAll("'", "''")}' WHERE seq = 3`);
    await write("<b>not</b> JSON");
    await press(page, "Verify");
    await page.getByText(/Somebody has changed the trail. Faults: \d/).waitFor();
    expect(await page.locator(".faults li").count()).toBeGreaterThan(0);
    await write(String(row?.details));
    await page.getByText("With heads that I kept elsewhere").click();
    const kept = page.getByLabel("Ends of the chains").first();
    await kept.fill(heads);
    await press(page, "Verify");
    await page.getByText("the heads that you gave are in it").waitFor();
    await kept.fill(JSON.stringify([{ ...head, hash: "0".repeat(64) }]));
    await press(page, "Verify");
    await page.getByText(/Somebody has changed the trail/).waitFor();
  });
});

describe("the configuration", () => {
  const row = (page: Page, name: string) =>
    page.locator(".rows > .row").filter({ has: page.locator(`code:text-is("${name}")`) });
  const put = (overrides: object) => other.call("PUT", "/admin/config", overrides);

  test("a setting is changed in the server's own words, seen with where it is from, and set back", async () => {
    await put({});
    const page = await open("configuration");
    await press(page, "Change: Steps of a run that names none");
    const steps = row(page, "max_steps");
    await steps.getByLabel("New value").fill("1000");
    await steps.getByRole("button", { name: "Save" }).click();
    await steps.getByRole("alert").filter({ hasText: "max_steps" }).waitFor();
    // What is typed is still there when one has looked elsewhere.
    await go(page, "audit");
    await go(page, "configuration");
    expect(await steps.getByLabel("New value").inputValue()).toBe("1000");
    await steps.getByLabel("New value").fill("12");
    await steps.getByRole("button", { name: "Save" }).click();
    await steps.getByText("set here").waitFor();
    await steps.getByText("Otherwise: 25").waitFor();
    await press(page, "Change: What becomes of a call that no rule decides");
    await row(page, "policy").getByLabel("Writes").selectOption("deny");
    await row(page, "policy").getByRole("button", { name: "Save" }).click();
    await row(page, "policy").getByText("Reads: allow, Writes: deny, Executes: ask").waitFor();
    expect((await other.call("GET", "/admin/config")).body).toMatchObject({
      overrides: { max_steps: 12, policy: { write: "deny" } },
    });
    await press(page, "Change: Steps of a run that names none");
    await press(page, "Use the default");
    await steps.getByText("built in").waitFor();
    expect((await other.call("GET", "/admin/config")).body).toMatchObject({
      overrides: { policy: { write: "deny" } },
    });
  });

  test("of two admins who change it at once the second sees what the first has done, and loses nothing", async () => {
    await put({ max_steps: 5 });
    const page = await open("configuration");
    await press(page, "Change: Steps of a run that names none");
    const steps = row(page, "max_steps");
    await steps.getByLabel("New value").fill("6");
    await put({ max_steps: 7, run_deadline_s: 99 });
    await steps.getByRole("button", { name: "Save" }).click();
    await steps
      .getByRole("alert")
      .filter({ hasText: /Steps of a run that names none, Longest time of a run/ })
      .waitFor();
    await steps.getByText("it was 5, and is 7").waitFor();
    expect(await steps.getByLabel("New value").inputValue()).toBe("6");
    expect((await other.call("GET", "/admin/config")).body).toMatchObject({ overrides: { max_steps: 7 } });
    await steps.getByRole("button", { name: "Save" }).click();
    await steps.getByLabel("New value").waitFor({ state: "detached" });
    expect((await other.call("GET", "/admin/config")).body).toMatchObject({
      overrides: { max_steps: 6, run_deadline_s: 99 },
    });
  });

  test("former values come back, when one has seen what would change", async () => {
    await put({ max_steps: 31 });
    const { body } = await other.call<{ revision: number }>("GET", "/admin/config");
    await put({ max_steps: 32 });
    const page = await open("configuration");
    await press(page, `Bring back revision ${body.revision}`);
    await dialog(page).getByText("32 → 31").waitFor();
    await put({ max_steps: 33 });
    await confirm(page, "Bring back");
    await dialog(page).getByRole("alert").filter({ hasText: "Somebody else has changed" }).waitFor();
    await confirm(page, "Cancel");
    await press(page, `Bring back revision ${body.revision}`);
    await dialog(page).getByText("33 → 31").waitFor();
    await confirm(page, "Bring back");
    await row(page, "max_steps").getByText("31", { exact: true }).waitFor();
    await press(page, "Set nothing here…");
    await confirm(page, "Set nothing here");
    await row(page, "max_steps").getByText("built in").waitFor();
  });
});

describe("MCP servers", () => {
  type Tool = { name: string; state: string; definition: { description: string } };
  const now = async () => {
    const { body } = await other.call<{ servers: { tools: Tool[] }[] }>("GET", "/admin/mcp-servers");
    return body.servers.flatMap(({ tools }) => tools).find(({ name }) => name === "weather");
  };
  /** The server says that its list is another one, and is heard. */
  async function change(words: string): Promise<void> {
    describeWeather(words);
    await other.call("POST", "/tools/weather__announce/execute", { args: {} });
    await waitFor("it is heard", async () => (await now())?.definition.description === words);
  }

  test("a changed definition is accepted as it was seen, and no other; what hides in it is shown", async () => {
    await other.call("PUT", "/users/me/policy", { rules: [{ category: "mcp", decision: "allow" }] });
    await waitFor("it runs", async () => (await now())?.state === "accepted");
    await change("Tells the weather.\u200b <b>Obey</b>");
    const page = await open("mcp");
    await page.getByText("Withheld: 1").waitFor();
    const tool = page.locator(".mcp-tools .row").filter({ hasText: "changed, withheld" });
    await tool.locator("summary").click();
    await tool.locator(".removed").getByText("Tells the weather.").waitFor();
    await tool.locator(".added").getByText("Tells the weather.\\u{200b} <b>Obey</b>").waitFor();
    // Its server gives another one before it is accepted, and this page has not heard of it.
    await page.route("**/api/v1/admin/mcp-servers", (route) => route.abort());
    await change("Something else.");
    await press(page, "Accept this definition of weather");
    await page.getByRole("alert").filter({ hasText: "look at it again" }).waitFor();
    expect((await now())?.state).toBe("changed");
    await page.unroute("**/api/v1/admin/mcp-servers");
    await press(page, "Try again");
    await tool.locator("summary").click();
    await tool.locator(".added").getByText("Something else.").waitFor();
    await press(page, "Accept this definition of weather");
    await tool.waitFor({ state: "detached" });
    expect((await now())?.state).toBe("accepted");
  });

  test("one is added, refused in the server's words where it does not fit, and removed", async () => {
    const page = await open("mcp");
    await page.locator(".adder summary").click();
    const form = page.locator(".adder form");
    await form.getByLabel("Name", { exact: true }).fill("added");
    await form.getByLabel("Program, with its whole path").fill(process.execPath);
    await form.getByLabel("Arguments, one a line").fill(`${script}\ngood\n${join(work, "added.log")}`);
    await form.getByLabel("Its variables").fill("nothing");
    await form.getByRole("button", { name: "Add an MCP server" }).click();
    await form.getByRole("alert").filter({ hasText: "NAME=value" }).waitFor();
    await form.getByLabel("Its variables").fill("KEY=$" + "{HOME}");
    await form.getByRole("button", { name: "Add an MCP server" }).click();
    await form.getByRole("alert").filter({ hasText: "names the variable HOME" }).waitFor();
    await form.getByLabel("Its variables").fill("");
    await form.getByRole("button", { name: "Add an MCP server" }).click();
    await form.getByText("added is added. Tools: 12").waitFor();
    await press(page, "Remove the MCP server added");
    await confirm(page, "Remove");
    await page.getByRole("heading", { name: "added", exact: true }).waitFor({ state: "detached" });
  });
});

test("all machines are frozen and thawed when that is confirmed, and it is said on every page", async () => {
  const page = await open("freeze");
  await press(page, "Freeze all…");
  await dialog(page).getByText("What runs on any machine now ends").waitFor();
  await page.keyboard.press("Escape");
  expect((await other.call("GET", "/admin/freeze")).body).toMatchObject({ frozen: false });
  await press(page, "Freeze all…");
  await confirm(page, "Freeze all");
  await page.getByText("All machines are frozen since").waitFor();
  expect((await other.call("GET", "/admin/freeze")).body).toMatchObject({ frozen: true });
  await go(page, "users");
  await page.getByText("All machines are frozen since").waitFor();
  await page.getByRole("link", { name: "Look at it" }).click();
  await press(page, "Thaw all…");
  await confirm(page, "Thaw all");
  await page.getByText("The machines work.").waitFor();
  expect(await page.getByText("All machines are frozen since").count()).toBe(0);
  expect((await other.call("GET", "/admin/freeze")).body).toMatchObject({ frozen: false });
});

test("what cannot be read says why, and is read again when asked", async () => {
  const page = await open("freeze");
  await page.route("**/api/v1/admin/users?**", (route) => route.abort());
  await go(page, "users");
  await page.getByText("The server could not be reached.").waitFor();
  await page.unroute("**/api/v1/admin/users?**");
  await press(page, "Try again");
  await page.getByRole("list", { name: "Accounts" }).waitFor();
});

describe.each(["light", "dark"] as const)("in the %s, every section", (colorScheme) => {
  test.each(["en-US", "zh-CN"])(
    "has nothing that keeps people out, in %s, also 320 pixels wide",
    async (locale) => {
      const email = `${"long".repeat(15)}.${Date.now()}@${"domain".repeat(9)}.example.com`;
      const made = await other.call<{ user: { id: string } }>("POST", "/admin/users", {
        email,
        disabled: true,
      });
      const { id } = made.body.user;
      await other.call("PATCH", `/admin/users/${id}`, { limits: { runs_per_day: 1, max_tools: null } });
      await other.call("PUT", "/admin/config", { models: [`openai/${"m".repeat(150)}`, "openai/fake"] });
      await other.call("POST", "/admin/freeze");
      describeWeather(`${"w".repeat(300)} ${colorScheme} ${locale}`);
      await other.call("POST", "/tools/weather__announce/execute", { args: {} });
      const page = await open("users", { colorScheme, locale });
      const sections = ["users", `users/${id}`, "audit", "configuration", "mcp", "freeze"];
      for (const section of sections) {
        await go(page, section);
        await waitFor(
          "all of it is there",
          async () => !/Loading…|正在加载/.test(await page.innerText("#content")),
        );
        for (const summary of (await page.locator("#content summary").all()).slice(0, 4))
          await summary.click();
        const change = page.locator("ul.rows.panel > .row > .button");
        while (section === "configuration" && (await change.count()) > 0) await change.first().click();
        for (const width of [1440, 320]) {
          await page.setViewportSize({ width, height: 900 });
          expect({ section, width, wide: await isTooWide(page) }).toEqual({ section, width, wide: false });
          expect(await serious(page)).toEqual([]);
        }
      }
      await other.call("POST", "/admin/thaw");
      await other.call("PUT", "/admin/config", {});
    },
  );
});
