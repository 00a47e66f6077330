// The pages of machines: a Mac is paired as people do it, with its real program and a real nats-server, and all that is done with it later.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { findServer } from "../../bin/cluster/servers/find-server.ts";
import { nodeFolder, prepareNodeFolder } from "../../mac-node/program/folder.ts";
import { isTooWide, serious } from "../support/accessible.ts";
import { Client } from "../support/client.ts";
import { openConsole, type Person } from "../support/console-user.ts";
import { type JoinedMac, joinMac } from "../support/edge/join-mac.ts";
import { MacProcess } from "../support/edge/mac-process.ts";
import { environment } from "../support/environment.ts";
import { startStack } from "../support/stack.ts";
import { useConsole } from "../support/use-console.ts";
import { waitFor } from "../support/wait-for.ts";

const PATH = [findServer("nats").folder, process.env.PATH].join(delimiter);
const PROGRAM = join(import.meta.dirname, "../../bin/node.ts");

const macs: { remove(): Promise<void> }[] = [];
const env = { PATH, SANDBOX: "off", HOST_TOOLS: "owner" };
const tested = useConsole(env, { args: ["--with-nats"] });
afterEach(async () => {
  await Promise.all(macs.splice(0).map((mac) => mac.remove()));
});

async function open(
  options: Parameters<typeof openConsole>[2] = {},
  url = tested.stack.server.url,
): Promise<Person> {
  const person = await openConsole(tested.browser, url, options);
  tested.kept(person);
  await person.page.locator(".ways a[href='#/machines']").waitFor({ state: "attached" });
  await go(person.page, "/machines");
  return person;
}

const go = (page: Page, path: string) => page.evaluate(`location.hash = "#${path}"`);

async function programOf({ email, password }: Person): Promise<Client> {
  const client = new Client(tested.stack.server.url);
  const { body } = await client.call<{ access_token: string }>("POST", "/users/login", { email, password });
  client.token = body.access_token;
  return client;
}

async function withMac(
  name: string,
): Promise<{ person: Person; page: Page; program: Client; mac: JoinedMac }> {
  const person = await open();
  const program = await programOf(person);
  const mac = await joinMac(program, name);
  macs.push(mac);
  return { person, page: person.page, program, mac };
}

const dialog = (page: Page) => page.getByRole("dialog");
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const panel = (page: Page, name: string | RegExp) => page.getByRole("region", { name });

/** The Mac's own program, as its owner types it. */
function typeOnTheMac(command: string) {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "macjarvis-mac-")));
  const folder = nodeFolder(join(home, "node"));
  mkdirSync(join(home, "work"));
  prepareNodeFolder(folder);
  writeFileSync(folder.policy, JSON.stringify({ roots: [join(home, "work")] }), { mode: 0o600 });
  const [, url = "", code = ""] = /^npm run node -- join (\S+) (\S+)$/.exec(command) ?? [];
  const child = spawn(process.execPath, [PROGRAM, "join", url, code, "--name", "studio", "--no-serve"], {
    env: environment({ HOME: home, MACJARVIS_NODE_HOME: folder.path }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (said += String(piece)));
  const ended = once(child, "close");
  let serving: MacProcess | undefined;
  macs.push({
    async remove() {
      child.kill("SIGKILL");
      await serving?.stop();
      rmSync(home, { recursive: true, force: true });
    },
  });
  return {
    ended,
    said: () => said,
    shown: () => waitFor("it shows a fingerprint", () => /[0-9a-f]{4}( [0-9a-f]{4}){4}/.exec(said)?.[0]),
    serve() {
      serving = new MacProcess(folder.path, home);
    },
  };
}

const commandOn = (page: Page) => page.locator("code[aria-label=Command]").innerText();
const fingerprintOn = async (page: Page) =>
  (await page.locator(".fingerprint span").allInnerTexts()).join(" ");

describe("pairing", () => {
  test("from the empty page to a Mac that is online, by the keyboard alone; one that is another is not let in", async () => {
    const { page } = await open();
    await page.getByText("No machine yet.").waitFor();
    await page.getByRole("link", { name: "Pair a Mac" }).press("Enter");
    await page.getByRole("button", { name: "Get a code" }).press("Enter");
    const stranger = typeOnTheMac(await commandOn(page));
    await page.getByRole("heading", { name: "A Mac has come. Is it yours?" }).waitFor();
    expect(await page.evaluate("document.activeElement.textContent")).toBe("A Mac has come. Is it yours?");
    expect(await fingerprintOn(page)).toBe(await stranger.shown());
    await page.getByRole("button", { name: "No, this is not my machine" }).press("Enter");
    await page.getByText("It was not let in.").waitFor();
    await page.getByRole("button", { name: "Get a new code" }).press("Enter");
    await page.getByText("Waiting for the Mac…").waitFor();
    const mac = typeOnTheMac(await commandOn(page));
    // Whoever looks elsewhere finds it where it was.
    await go(page, "/machines");
    await page.getByText("No machine yet.").waitFor();
    await page.getByRole("link", { name: "Pair a Mac" }).click();
    await page.getByRole("heading", { name: "A Mac has come. Is it yours?" }).waitFor();
    expect(await fingerprintOn(page)).toBe(await mac.shown());
    await page.getByRole("button", { name: "Yes, it is the same: let it in" }).press("Enter");
    await page.getByText("“studio” has joined.").waitFor();
    await mac.ended;
    expect(mac.said()).toContain("is paired with");
    await page.getByRole("link", { name: "Show the machine" }).press("Enter");
    await page.locator(".presence.offline").waitFor();
    mac.serve();
    await page.locator(".presence.online").waitFor({ timeout: 100_000 });
    await panel(page, /^Tools/)
      .getByText("files", { exact: true })
      .click();
    const row = panel(page, /^Tools/)
      .getByRole("listitem")
      .filter({ hasText: "write_file" })
      .first();
    await row.getByText("changes something").waitFor();
    await go(page, "/machines");
    await page.getByRole("link", { name: "studio" }).waitFor();
    expect(await page.getByText("No machine yet.").count()).toBe(0);
  });

  test("a code that has expired says so, and a new one is had", async () => {
    const { page } = await open();
    await go(page, "/machines/pair");
    await press(page, "Get a code");
    const first = await commandOn(page);
    // As the server answers ten minutes later.
    const look = "**/api/v1/nodes/pairings/*";
    await page.route(look, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), status: "expired" } });
    });
    await page.getByRole("heading", { name: "The code has expired." }).waitFor();
    await page.unroute(look);
    await press(page, "Get a new code");
    await page.getByText("Waiting for the Mac…").waitFor();
    expect(await commandOn(page)).not.toBe(first);
    // And of one that it has forgotten.
    await page.route(look, (route) =>
      route.continue({ url: `${tested.stack.server.url}/api/v1/nodes/pairings/pair_none` }),
    );
    await page.getByRole("heading", { name: "The code has expired." }).waitFor();
  });

  test("where no Mac can join, it is said what to do", async () => {
    const own = await startStack();
    try {
      const { page } = await open({}, own.server.url);
      await page.getByText("This server's own machine").waitFor();
      await page.getByRole("link", { name: "Pair a Mac" }).click();
      await press(page, "Get a code");
      await page.getByRole("alert").getByText("No Mac can join this server yet.").waitFor();
      await page.getByRole("alert").getByText("npm start -- --with-nats").waitFor();
      expect(await serious(page)).toEqual([]);
    } finally {
      await own.stop();
    }
  });
});

describe("a machine", () => {
  test("is named, labelled, frozen, thawed and revoked; what it is called is text", async () => {
    const { page, program, mac } = await withMac("studio");
    await page.getByRole("link", { name: "studio" }).click();
    const name = '<img src=x onerror="alert(1)"> \u202Eoidutst';
    await press(page, "Rename");
    await dialog(page).getByLabel("Name").fill(name);
    await press(page, "Save");
    await page.getByRole("heading", { name }).waitFor();
    expect(await page.locator("img").count()).toBe(0);
    await press(page, "Edit labels");
    await dialog(page).getByLabel("Labels").fill("room studio");
    await press(page, "Save");
    const fault = "document.querySelector('dialog textarea').validationMessage";
    expect(await page.evaluate(fault)).toBe("Line 1 is not “name: value”.");
    await dialog(page).getByLabel("Labels").fill("room: studio\n\n用途：剪辑: 4K");
    await press(page, "Save");
    await page.locator(".chip", { hasText: "用途: 剪辑: 4K" }).waitFor();
    expect((await mac.view()).labels).toEqual({ room: "studio", 用途: "剪辑: 4K" });
    await press(page, "Freeze");
    await dialog(page).getByRole("button", { name: "Freeze" }).click();
    await page.getByText(/Frozen .* by its owner/).waitFor();
    expect((await mac.view()).frozen).toBe(true);
    await press(page, "Thaw");
    await page.locator(".presence.online").waitFor();
    // Renamed elsewhere, it is told at once.
    await program.call("PATCH", `/nodes/${mac.id}`, { name: "Studio  2" });
    await page.getByRole("heading", { name: "Studio 2" }).waitFor();
    await press(page, "Revoke");
    await dialog(page).getByLabel("Type its name to confirm").fill("studio");
    await dialog(page).getByRole("button", { name: "Revoke" }).click();
    expect(await page.evaluate("document.querySelector('dialog input').validationMessage")).toBe(
      "This is not its name.",
    );
    await dialog(page).getByLabel("Type its name to confirm").fill("Studio 2");
    await dialog(page).getByRole("button", { name: "Revoke" }).click();
    await page.getByText("No machine yet.").waitFor();
    await go(page, `/machines/${mac.id}`);
    await page.locator(".presence.revoked").waitFor();
    expect(await page.getByRole("button", { name: "Rename" }).count()).toBe(0);
    await go(page, "/machines/nod_none");
    await page.getByText("You have no such machine (any more).").waitFor();
  });

  test("shows what it ran, goes away and comes back, and what waits for it can be removed", async () => {
    const { page, program, mac } = await withMac("studio");
    const list = { args: { path: mac.root }, node_id: mac.id };
    await program.call("POST", "/tools/list_directory/execute", list);
    await program.call("POST", "/tools/read_file/execute", { ...list, args: { path: "/nowhere" } });
    await page.getByRole("link", { name: "studio" }).click();
    const calls = panel(page, "Last calls").locator("tbody tr");
    await calls.filter({ hasText: "read_file" }).getByText("failed").waitFor();
    await calls.filter({ hasText: "list_directory" }).getByText("done").waitFor();
    await mac.sleep();
    await page
      .locator(".presence.offline")
      .getByText(/last seen/)
      .waitFor();
    await panel(page, "Last calls").getByText("The record is on the Mac").waitFor();
    const waiting = program.call<{ error: { code: string } }>("POST", "/tools/list_directory/execute", list);
    const queue = `/nodes/${mac.id}/queue`;
    await waitFor("it waits", async () => {
      const { body } = await program.call<{ calls: unknown[] }>("GET", queue);
      return body.calls.length === 1;
    });
    await page.reload();
    await panel(page, "Waiting calls").getByText("priority 5").waitFor();
    await press(page, "Remove list_directory from the queue");
    await dialog(page).getByRole("button", { name: "Remove" }).click();
    await panel(page, "Waiting calls").getByText("No call waits for it.").waitFor();
    expect(JSON.stringify((await waiting).body)).toContain("taken out of the queue");
    await mac.wake();
    await page.locator(".presence.online").waitFor();
    await calls.filter({ hasText: "list_directory" }).first().waitFor();
  });

  test("is shared with somebody, who accepts it first, and is taken back", async () => {
    const { page, mac } = await withMac("studio");
    const friend = await open();
    await go(page, `/machines/${mac.id}`);
    await panel(page, "Sharing").getByText("Shared with nobody.").waitFor();
    await press(page, "Share with somebody");
    await dialog(page).getByLabel("E-mail of their account").fill(friend.email);
    await dialog(page).getByLabel("reads").uncheck();
    await dialog(page).getByRole("button", { name: "Share with somebody" }).click();
    const fault = "document.querySelector('dialog input[type=checkbox]').validationMessage";
    expect(await page.evaluate(fault)).toBe("Choose at least one kind of tools.");
    await dialog(page).getByLabel("reads").check();
    await dialog(page).getByRole("button", { name: "Share with somebody" }).click();
    await panel(page, "Sharing").getByText(`${friend.email} · may use · reads`).waitFor();
    await go(friend.page, "/settings");
    await go(friend.page, "/machines");
    await friend.page.getByRole("link", { name: "studio" }).click();
    await friend.page.getByText("Until you accept, nothing of it is used").waitFor();
    await press(friend.page, "Accept");
    await panel(friend.page, /^Tools/)
      .getByText("files", { exact: true })
      .click();
    expect(await friend.page.getByText("changes something").count()).toBe(0);
    expect(await friend.page.getByRole("button", { name: "Revoke" }).count()).toBe(0);
    await press(page, `Remove: ${friend.email} · may use · reads`);
    await dialog(page).getByRole("button", { name: "Remove" }).click();
    await panel(page, "Sharing").getByText("Shared with nobody.").waitFor();
  });

  test("has nothing that keeps people out, light and dark, in Chinese, with a name as long as it gets", async () => {
    const { page, program, mac } = await withMac("studio");
    await program.call("PATCH", `/nodes/${mac.id}`, {
      name: "长".repeat(100),
      labels: { ["l".repeat(50)]: "v".repeat(100) },
    });
    await go(page, "/settings/appearance");
    await page.getByRole("radio", { name: "简体中文" }).check();
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const path of ["/machines", `/machines/${mac.id}`, "/machines/pair"]) {
        await go(page, path);
        await waitFor("all of it is there", async () => !/正在加载/.test(await page.innerText("#content")));
        for (const width of [1440, 320]) {
          await page.setViewportSize({ width, height: 900 });
          expect({ path, width, wide: await isTooWide(page) }).toEqual({ path, width, wide: false });
          expect(await serious(page)).toEqual([]);
        }
      }
    }
  });
});

test("what cannot be read says why, and is read again when asked", async () => {
  const { page } = await open();
  await page.getByText("No machine yet.").waitFor();
  await go(page, "/settings");
  await page.route("**/api/v1/nodes", (route) => route.abort());
  await go(page, "/machines");
  await page.getByText("The server could not be reached.").waitFor();
  await page.unroute("**/api/v1/nodes");
  await press(page, "Try again");
  await page.getByText("No machine yet.").waitFor();
});
