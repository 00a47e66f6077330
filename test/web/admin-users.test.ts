// The accounts of an installation, as an admin keeps them; beside them other admins, who are programs here.
import { beforeAll, describe, expect, test } from "@jest/globals";
import { openPage } from "../support/browser.ts";
import { Client, register } from "../support/client.ts";
import { confirm, dialog, goToAdmin as go, openAdmin, panel, press } from "../support/console-admin.ts";
import { signIn } from "../support/console-user.ts";
import { useConsole } from "../support/use-console.ts";
import { waitFor } from "../support/wait-for.ts";

const tested = useConsole();
/** Another admin. */
let other: Client;
beforeAll(async () => {
  other = new Client(tested.stack.server.url, await tested.stack.server.ownerKey());
});

const open = (section: string, options: Parameters<typeof openAdmin>[2] = {}) =>
  openAdmin(tested, section, options);
/** Another address each time. */
const address = (name: string) => `${name}.${Date.now()}@example.com`;
const login = (email: string, password: string) =>
  new Client(tested.stack.server.url).call("POST", "/users/login", { email, password });

test("who is no administrator sees no way to it, and that it is not for them", async () => {
  const { page } = await tested.open();
  expect(await page.getByRole("link", { name: "Administration" }).count()).toBe(0);
  await page.evaluate(`location.hash = "#/admin/users"`);
  await page.getByText("This page is for administrators.").waitFor();
  expect(await page.getByRole("link", { name: "Audit trail" }).count()).toBe(0);
});

describe("users", () => {
  test("an account is made with a password that is shown once, and works", async () => {
    const page = await open("users");
    const email = address("fresh");
    await page.getByText("Create an account").click();
    await page.getByLabel("E-mail", { exact: true }).fill(email);
    await page.getByLabel("Plan").selectOption({ label: "Pro" });
    await press(page, "Create");
    const made = panel(page, `The account ${email}`);
    const password = await made.locator("code").innerText();
    // Whoever looks elsewhere has not lost it.
    await go(page, "audit");
    await go(page, "users");
    await made.getByText(password).waitFor();
    await press(page, "I have it");
    await page.getByRole("link", { name: email }).waitFor();
    expect(await page.content()).not.toContain(password);
    const { body } = await login(email, password);
    expect(body).toMatchObject({ user: { plan: "pro", role: "pro_user" } });
  });

  test("one is found, also behind the first page; what people call themselves is text", async () => {
    const name = "<img src=x onerror=alert(1)> 😀";
    const email = address("hostile");
    const nobody = new Client(tested.stack.server.url);
    await nobody.call("POST", "/users/register", { email, password: "long enough 7", display_name: name });
    for (let index = 0; index < 51; index += 1)
      await other.call("POST", "/admin/users", {
        email: address(`crowd${index}`),
        password: "long enough 7",
      });
    const page = await open("users");
    await page.getByRole("list", { name: "Accounts" }).waitFor();
    expect(await page.getByRole("link", { name: email }).count()).toBe(0);
    await press(page, "More");
    await page.getByRole("link", { name: email }).waitFor();
    await page.getByRole("searchbox", { name: "Search by e-mail or name" }).fill("ONERROR=alert");
    await page.getByText(name).waitFor();
    await waitFor("only that", async () => (await page.locator(".rows > .row").count()) === 1);
    await page.getByRole("link", { name: email }).click();
    await page.getByRole("definition").filter({ hasText: name }).waitFor();
    expect(await page.locator("img").count()).toBe(0);
    // The search stays for the way back.
    await page.getByRole("link", { name: "All users" }).click();
    await page.getByText(name).waitFor();
    expect(await page.locator(".rows > .row").count()).toBe(1);
  });

  test("plan, role and limits change; a limit that another admin sets meanwhile stays", async () => {
    const person = await register(tested.stack.server.url);
    const page = await open(`users/${person.id}`);
    const account = panel(page, "Account");
    await account.getByLabel("Plan").selectOption({ label: "Pro" });
    await account.getByLabel("Role").selectOption("admin");
    await account.getByRole("button", { name: "Save" }).click();
    await account.getByText("Saved.").waitFor();
    const now = async () =>
      (await other.call<{ user: object }>("GET", `/admin/users/${person.id}`)).body.user;
    expect(await now()).toMatchObject({ plan: "pro", role: "admin" });
    await account.getByLabel("Role").selectOption("user");
    await account.getByRole("button", { name: "Save" }).click();
    await page.locator("#user-title .mark").waitFor({ state: "detached" });
    expect(await now()).toMatchObject({ plan: "pro", role: "pro_user" });
    const limits = panel(page, "Limits");
    await limits.getByLabel("Runs a day: which limit").selectOption("own");
    await limits.getByLabel("Runs a day", { exact: true }).last().fill("3");
    await limits.getByLabel("Cost a day: which limit").selectOption("none");
    await other.call("PATCH", `/admin/users/${person.id}`, { limits: { max_tools: 5 } });
    await limits.getByRole("button", { name: "Save" }).click();
    await limits.getByText("Saved.").waitFor();
    expect(await now()).toMatchObject({
      limits: { runs_per_day: 3, cost_usd_per_day: null, max_tools: 5 },
    });
    await panel(page, "Today").getByText("0 of 3").waitFor();
  });

  test("one is disabled, gets a new password, and is deleted when its address is typed", async () => {
    const person = await register(tested.stack.server.url);
    const page = await open(`users/${person.id}`);
    const email = await page.getByLabel("E-mail", { exact: true }).inputValue();
    await press(page, "Disable…");
    await confirm(page, "Disable");
    await page.locator("#user-title").getByText("disabled").waitFor();
    expect((await person.call("GET", "/users/me")).status).toBe(403);
    await press(page, "Enable…");
    await confirm(page, "Enable");
    await press(page, "New password…");
    await confirm(page, "New password");
    const password = await panel(page, `The new password of ${email}`).locator("code").innerText();
    expect((await login(email, password)).status).toBe(200);
    await press(page, "Delete account…");
    await dialog(page).getByRole("textbox").fill("another@example.com");
    await confirm(page, "Delete account");
    expect((await other.call("GET", `/admin/users/${person.id}`)).status).toBe(200);
    await dialog(page).getByRole("textbox").fill(email);
    await confirm(page, "Delete account");
    await page.getByRole("list", { name: "Accounts" }).waitFor();
    expect((await login(email, password)).status).toBe(401);
    await go(page, `users/${person.id}`);
    await page.getByText("There is no such account (any more).").waitFor();
  });
});

test("who stops being an administrator has no more to do here, at once", async () => {
  const { stack, browser } = tested;
  const [email, password] = [address("leaving"), "correct horse battery 9"];
  const given = { email, password, role: "admin" };
  const { body } = await other.call<{ user: { id: string } }>("POST", "/admin/users", given);
  const { page } = tested.kept(await openPage(browser, stack.server.url));
  await page.goto(stack.server.url);
  await signIn(page, { email, password });
  await go(page, `users/${body.user.id}`);
  await page.getByText("This is your own account").waitFor();
  await panel(page, "Account").getByLabel("Role").selectOption("user");
  await panel(page, "Account").getByRole("button", { name: "Save" }).click();
  await page.getByText("This page is for administrators.").waitFor();
  expect(await page.getByRole("link", { name: "Administration" }).count()).toBe(0);
});
