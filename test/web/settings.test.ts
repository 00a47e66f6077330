// The settings, as a person changes them.
import { describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { isTooWide, serious } from "../support/accessible.ts";
import { Client } from "../support/client.ts";
import { ended, type openConsole, type Person, say, signIn } from "../support/console-user.ts";
import { useConsole } from "../support/use-console.ts";
import { waitFor } from "../support/wait-for.ts";

const tested = useConsole();

async function open(section: string, options: Parameters<typeof openConsole>[2] = {}): Promise<Person> {
  const person = await tested.open(options);
  await go(person.page, section);
  return person;
}

async function go(page: Page, section: string): Promise<void> {
  await page.evaluate(`location.hash = "#/settings/${section}"`);
  await page.locator(".tabs [aria-current=page]").waitFor();
}

/** A program of the same person. */
async function programOf({ email, password }: Pick<Person, "email" | "password">): Promise<Client> {
  const client = new Client(tested.stack.server.url);
  const { body } = await client.call<{ access_token: string }>("POST", "/users/login", { email, password });
  client.token = body.access_token;
  return client;
}

const dialog = (page: Page) => page.getByRole("dialog");
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
/** The panel with this heading. */
const panel = (page: Page, name: string | RegExp) => page.getByRole("region", { name });

describe("the account", () => {
  test("is renamed; what is not saved yet stays while one looks elsewhere, and can be discarded", async () => {
    const { page } = await open("account");
    const name = page.getByLabel("Display name");
    const before = await name.inputValue();
    await name.fill("Ada <img src=x onerror=alert(1)> 😀");
    await go(page, "usage");
    await go(page, "account");
    expect(await name.inputValue()).toContain("Ada <img");
    await press(page, "Discard");
    expect(await name.inputValue()).toBe(before);
    await name.fill("Ada <img src=x onerror=alert(1)> 😀");
    await press(page, "Save");
    await page.getByText("Saved.").waitFor();
    await page.locator(".account-name", { hasText: "Ada <img src=x onerror=alert(1)> 😀" }).waitFor();
    expect(await page.locator("img").count()).toBe(0);
  });

  test("a new password needs the old one, and ends all other logins", async () => {
    const person = await open("account");
    const { page } = person;
    const other = await programOf(person);
    const fresh = "another horse battery 8";
    const fill = async (current: string, repeated: string) => {
      await page.getByLabel("Current password").fill(current);
      await page.getByLabel("New password, at least 8 characters").fill(fresh);
      await page.getByLabel("New password again").fill(repeated);
      await press(page, "Change password");
    };
    await fill("not the password 7", "something else 7");
    const fault = "document.querySelectorAll('input[autocomplete=new-password]')[1].validationMessage";
    expect(await page.evaluate(fault)).toBe("The two are not the same.");
    await fill("not the password 7", fresh);
    await page.getByRole("alert").waitFor();
    await fill(person.password, fresh);
    await page.getByText("The password is changed.").waitFor();
    await waitFor("the other login ends", async () => (await other.call("GET", "/users/me")).status === 401);
    await press(page, "Sign out");
    await page.evaluate(`location.hash = "#/"`);
    await signIn(page, { email: person.email, password: fresh });
  });

  test("is deleted with the password only", async () => {
    const person = await open("account");
    const { page } = person;
    await press(page, "Delete my account…");
    await dialog(page).getByLabel("Current password").fill("not the password 7");
    await dialog(page).getByRole("button", { name: "Delete my account" }).click();
    await dialog(page).getByRole("alert").waitFor();
    await dialog(page).getByLabel("Current password").fill(person.password);
    await dialog(page).getByRole("button", { name: "Delete my account" }).click();
    await page.getByText("Your account is being deleted.").waitFor();
  });
});

test("language and theme change at once, and stay", async () => {
  const { page } = await open("appearance");
  await page.getByRole("radio", { name: "简体中文" }).check();
  await page.getByRole("heading", { name: "语言与主题" }).waitFor();
  await page.getByRole("radio", { name: "深色" }).check();
  expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
  await page.reload();
  await page.getByRole("heading", { name: "语言与主题" }).waitFor();
  expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
});

test("usage is of today, and grows with what is asked; numbers are in a table as well", async () => {
  const { page } = await open("usage");
  await panel(page, "Last 30 days").getByText("Nothing was used in these days.").waitFor();
  await page.evaluate(`location.hash = "#/"`);
  await say(page, "count me");
  await ended(page).waitFor();
  await go(page, "usage");
  await panel(page, "Today").getByText("1 of 200").waitFor();
  await panel(page, "Today").getByText("199 left").waitFor();
  await page.getByText("As a table").click();
  const today = new Date().toISOString().slice(0, 10);
  await page.getByRole("rowheader", { name: today }).waitFor();
  await panel(page, /^Plan: Free/)
    .getByText("Runs a day")
    .waitFor();
});

test("a key is made with what it may do, shown once, works so far, and is revoked", async () => {
  const { page } = await open("keys");
  await page.getByText("You have no key.").waitFor();
  const form = panel(page, "New key");
  await form.getByLabel("Name, for you to know it by").fill("laptop <b>");
  for (const scope of ["sessions:write", "tools:execute", "chat"]) await form.getByLabel(scope).uncheck();
  await form.getByLabel("It ends").selectOption({ label: "in 7 days" });
  await press(page, "Create key");
  await page.getByText("it is shown this once only").waitFor();
  const secret = await page.getByRole("region", { name: "The key “laptop <b>”" }).locator("code").innerText();
  const program = new Client(tested.stack.server.url, secret);
  expect((await program.call("GET", "/sessions")).status).toBe(200);
  expect((await program.call("POST", "/sessions", {})).status).toBe(403);
  // Whoever looks elsewhere has not lost it.
  await go(page, "memory");
  await go(page, "keys");
  await page.getByText(secret).waitFor();
  await press(page, "I have it");
  expect(await page.content()).not.toContain(secret);
  const row = page.getByRole("listitem").filter({ hasText: "laptop <b>" }).first();
  await row.getByText("read all sessions and runs").waitFor();
  await row.getByText(/ends .* 20\d\d/).waitFor();
  await press(page, "Revoke the key laptop <b>");
  await dialog(page).getByRole("button", { name: "Revoke" }).click();
  await page.getByText("You have no key.").waitFor();
  expect((await program.call("GET", "/sessions")).status).toBe(401);
});

describe("rules", () => {
  const addRule = async (page: Page, { tool, decision }: { tool: string; decision: string }) => {
    const form = panel(page, "Your rules");
    if (!(await form.getByLabel("Decision").isVisible())) await form.getByText("Add a rule").click();
    await form.getByLabel("Tool", { exact: true }).fill(tool);
    await form.getByLabel("Decision").selectOption({ label: decision });
    await press(page, "Add");
  };
  const check = async (page: Page, tool: string, args: object) => {
    const form = panel(page, "What would happen?");
    await form.getByLabel("Tool", { exact: true }).fill(tool);
    await form.getByLabel("Arguments as JSON").fill(JSON.stringify(args));
    await press(page, "Check");
    return form.locator(".outcome");
  };

  test("a rule is added, holds, and is removed; what another page has added meanwhile stays", async () => {
    const person = await open("rules");
    const { page } = person;
    await page.getByText("You have no rules: the server's own hold.").waitFor();
    await (await check(page, "list_directory", { path: tested.stack.workspace }))
      .getByText("It would run without asking.")
      .waitFor();
    await addRule(page, { tool: "list_directory", decision: "Deny" });
    await page.getByText("Saved.").waitFor();
    await (await check(page, "list_directory", { path: tested.stack.workspace }))
      .getByText("It would be denied.")
      .waitFor();
    const program = await programOf(person);
    const { body } = await program.call<{ rules: object[] }>("GET", "/users/me/policy");
    const rules = [
      ...body.rules,
      { risk: "read", decision: "ask" },
      { tool: "execute_shell_command", args_hash: "a".repeat(64), decision: "allow" },
    ];
    expect((await program.call("PUT", "/users/me/policy", { rules })).status).toBe(200);
    await press(page, "Remove: Deny: Tool list_directory");
    await dialog(page).getByRole("button", { name: "Remove" }).click();
    await page.getByRole("button", { name: "Remove: Ask: Risk reads" }).waitFor();
    expect(await panel(page, "Your rules").getByText("list_directory").count()).toBe(0);
    await panel(page, "Remembered answers").getByText("exactly these arguments").waitFor();
    await (await check(page, "list_directory", { path: tested.stack.workspace }))
      .getByText("You would be asked.")
      .waitFor();
  });

  test("a tool that is not there is refused, unless it is to come; what is no JSON is not sent", async () => {
    const { page } = await open("rules");
    await addRule(page, { tool: "exekute_command", decision: "Deny" });
    await page.getByRole("alert").filter({ hasText: "no tool" }).waitFor();
    await page.getByLabel("It comes later: keep the rule for it").check();
    await press(page, "Add");
    await panel(page, "Your rules").getByText("comes later", { exact: true }).waitFor();
    const form = panel(page, "What would happen?");
    await form.getByLabel("Tool", { exact: true }).fill("no_such_tool");
    await form.getByLabel("Arguments as JSON").fill("[1");
    await press(page, "Check");
    const fault = "document.querySelector('textarea.json').validationMessage";
    expect(await page.evaluate(fault)).toContain("This is no JSON object");
    await (await check(page, "no_such_tool", {})).getByText("There is no such call.").waitFor();
  });
});

describe("memory", () => {
  test("a note is added, changed and removed; all of it is forgotten only when that is confirmed", async () => {
    const { page } = await open("memory");
    await page.getByText("Nothing is remembered.").waitFor();
    await page.getByText("Add a note").click();
    await page.getByLabel("Note").fill("Answers in Chinese.");
    await press(page, "Add");
    await page.getByText("1 of 500 notes, 19 characters").waitFor();
    await press(page, "Edit: Answers in Chinese.");
    await page.getByRole("listitem").getByLabel("Note").fill("回答用中文。<script>alert(1)</script>");
    await press(page, "Save");
    await page.locator(".note-text", { hasText: "回答用中文。<script>" }).waitFor();
    await page.getByRole("button", { name: "Forget everything…" }).click();
    await page.keyboard.press("Escape");
    expect(await page.locator(".note-text").count()).toBe(1);
    await page.getByRole("button", { name: "Forget everything…" }).click();
    await dialog(page).getByRole("button", { name: "Forget everything" }).click();
    await page.getByText("Nothing is remembered.").waitFor();
  });

  test("a note that was changed elsewhere is not overwritten unseen", async () => {
    const person = await open("usage");
    const { page } = person;
    const program = await programOf(person);
    type Notes = { memories: { content: string }[] };
    const write = async (notes: object[]) =>
      (await program.call<Notes>("PUT", "/users/me/memory", { memories: notes })).body.memories;
    const notes = await write([
      { type: "fact", content: "one" },
      { type: "fact", content: "two" },
    ]);
    await go(page, "memory");
    await press(page, "Edit: one");
    const text = page.getByRole("listitem").getByLabel("Note");
    await text.fill("mine");
    const changed = notes.map((note) => (note.content === "one" ? { ...note, content: "theirs" } : note));
    await write([...changed, { type: "fact", content: "three" }]);
    await press(page, "Save");
    await page.getByRole("alert").filter({ hasText: "It now says: “theirs”" }).waitFor();
    expect(await text.inputValue()).toBe("mine");
    await press(page, "Save");
    await page.locator(".note-text", { hasText: "mine" }).waitFor();
    const kept = await page.locator(".note-text").allInnerTexts();
    expect(kept.toSorted()).toEqual(["mine", "three", "two"]);
  });
});

test("what cannot be read says why, and is read again when asked", async () => {
  const { page } = await open("usage");
  await page.route("**/api/v1/users/me/keys", (route) => route.abort());
  await go(page, "keys");
  await page.getByText("The server could not be reached.").waitFor();
  await page.unroute("**/api/v1/users/me/keys");
  await press(page, "Try again");
  await page.getByText("You have no key.").waitFor();
});

describe.each(["light", "dark"] as const)("in the %s, every section", (colorScheme) => {
  test.each(["en-US", "zh-CN"])(
    "has nothing that keeps people out, in %s, also 320 pixels wide",
    async (locale) => {
      const person = await open("account", { colorScheme, locale });
      const { page } = person;
      const program = await programOf(person);
      await program.call("PUT", "/users/me/memory", {
        memories: [{ type: "fact", content: "x".repeat(500) }],
      });
      await program.call("POST", "/users/me/keys", { name: "长".repeat(100) });
      const rules = [{ tool: "t".repeat(100), pending: true, decision: "deny" }];
      await program.call("PUT", "/users/me/policy", { rules });
      for (const section of ["account", "appearance", "usage", "keys", "rules", "memory"]) {
        await go(page, section);
        await waitFor(
          "all of it is there",
          async () => !/Loading…|正在加载/.test(await page.innerText("#content")),
        );
        for (const width of [1440, 320]) {
          await page.setViewportSize({ width, height: 900 });
          expect({ section, width, wide: await isTooWide(page) }).toEqual({ section, width, wide: false });
          expect(await serious(page)).toEqual([]);
        }
      }
    },
  );
});

test("a page whose file does not come says so, and is there once the console is loaded anew", async () => {
  const { page, problems } = await tested.open();
  await page.route("**/settings-page.js", (route) => route.fulfill({ status: 404, body: "" }));
  await page.evaluate(`location.hash = "#/settings"`);
  await page.getByRole("alert").filter({ hasText: "could not be loaded" }).waitFor();
  await page.unroute("**/settings-page.js");
  await press(page, "Load anew");
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  await page.locator(".tabs [aria-current=page]").waitFor();
  problems.splice(0);
});
