// Signing in and chatting, as a person does it.
import { describe, expect, test } from "@jest/globals";
import { openPage } from "../support/browser.ts";
import {
  answers,
  composer,
  ended,
  openAnotherTab,
  openConsole,
  say,
  signIn,
} from "../support/console-user.ts";
import { startStack } from "../support/stack.ts";
import { useConsole } from "../support/use-console.ts";
import { waitFor } from "../support/wait-for.ts";

const tested = useConsole();

describe("signing in", () => {
  test("what is wrong is said in the form, in the server's words", async () => {
    const { page } = tested.kept(await openPage(tested.browser, tested.stack.server.url));
    await page.goto(tested.stack.server.url);
    await page.getByLabel("E-mail").fill("nobody@example.com");
    await page.getByLabel("Password").fill("not the password 7");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    expect(await page.getByRole("alert").innerText()).toMatch(/e-mail|password/i);
    expect(await page.getByLabel("E-mail").inputValue()).toBe("nobody@example.com");
  });

  test("a person signs out and in again, and finds what was said", async () => {
    const person = await tested.open();
    const { page } = person;
    await say(page, "remember the milk");
    await ended(page).waitFor();
    await page.locator(".account summary").click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You have signed out.").waitFor();
    expect(await page.content()).not.toContain("remember the milk");
    await signIn(page, person);
    await page.getByRole("link", { name: "remember the milk" }).click();
    await answers(page).getByText("echo: remember the milk").waitFor();
  });
});

describe("chatting", () => {
  test("the answer grows while it comes, and is the whole answer at the end", async () => {
    const { page } = await tested.open();
    const gate = Promise.withResolvers<void>();
    tested.stack.fake.script([
      {
        text: ["**First** part, ", "then\n\n- one\n- two\n", "\nand the `end`."],
        gate: gate.promise,
        gateAfter: 2,
      },
    ]);
    await say(page, "tell me");
    await answers(page).getByText("First part, then").waitFor();
    expect(await ended(page).count()).toBe(0);
    gate.resolve();
    await ended(page).waitFor();
    expect(await answers(page).locator("strong").innerText()).toBe("First");
    expect(await answers(page).locator("li").count()).toBe(2);
    expect(await answers(page).locator("code").innerText()).toBe("end");
    expect(await ended(page).innerText()).toMatch(/tokens · \$/);
    expect(new URL(page.url()).hash).toMatch(/^#\/sessions\/ses_/);
  });

  test("a run that is stopped says so, and the next message is taken", async () => {
    const { page } = await tested.open();
    const gate = Promise.withResolvers<void>();
    tested.stack.fake.script([{ text: ["begun ", "never seen"], gate: gate.promise, gateAfter: 1 }]);
    await say(page, "go on for long");
    await answers(page).getByText("begun").waitFor();
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByText("Stopped.").waitFor();
    gate.resolve();
    await say(page, "and now?");
    await answers(page).getByText("echo: and now?").waitFor();
  });

  test("what is said meanwhile waits its turn, or goes first", async () => {
    const { page } = await tested.open();
    tested.stack.fake.hold();
    await say(page, "the first");
    await page.getByRole("button", { name: "Stop", exact: true }).waitFor();
    await composer(page).fill("the second");
    await page.getByRole("button", { name: "Send after this" }).click();
    await page.getByText("Waits until the work before it is done.").waitFor();
    tested.stack.fake.release();
    await answers(page).getByText("echo: the second").waitFor();
    await answers(page).getByText("echo: the first").waitFor();
    tested.stack.fake.hold();
    await say(page, "the third");
    await page.getByRole("button", { name: "Stop", exact: true }).waitFor();
    await composer(page).fill("the fourth");
    await page.getByRole("button", { name: "Stop and send" }).click();
    await page.getByText("Stopped.").waitFor();
    tested.stack.fake.release();
    await answers(page).getByText("echo: the fourth").waitFor();
    expect(await page.getByText("echo: the third").count()).toBe(0);
  });

  test("a failed run says why", async () => {
    const { page } = await tested.open();
    tested.stack.fake.script([
      { fault: { type: "status", status: 400, body: { error: { message: "no such thing" } } } },
    ]);
    await say(page, "fail");
    await ended(page).getByText("Failed:").waitFor();
  });

  test("a draft survives a reload", async () => {
    const { page } = await tested.open();
    await composer(page).fill("half a sentence");
    await page.reload();
    expect(await composer(page).inputValue()).toBe("half a sentence");
  });

  test("a second tab sees the same run while it goes on", async () => {
    const person = await tested.open();
    const { page } = person;
    const gate = Promise.withResolvers<void>();
    tested.stack.fake.script([{ text: ["shared ", "to the end"], gate: gate.promise, gateAfter: 1 }]);
    await say(page, "for two tabs");
    await answers(page).getByText("shared").waitFor();
    const second = tested.kept(await openAnotherTab(person, tested.stack.server.url));
    await second.page.getByRole("link", { name: "for two tabs" }).click();
    await answers(second.page).getByText("shared").waitFor();
    gate.resolve();
    await ended(second.page).waitFor();
    for (const one of [page, second.page]) await answers(one).getByText("shared to the end").waitFor();
  });

  test("the server is killed in the middle: the page goes on by itself when it is back", async () => {
    const own = await startStack();
    try {
      const { page } = tested.kept(await openConsole(tested.browser, own.server.url));
      const gate = Promise.withResolvers<void>();
      own.fake.script([
        { text: ["before ", "it died"], gate: gate.promise, gateAfter: 1 },
        { text: "after it" },
      ]);
      await say(page, "survive");
      await answers(page).getByText("before").waitFor();
      const { port } = new URL(own.server.url);
      await own.restart({ PORT: port });
      gate.resolve();
      await ended(page).waitFor({ timeout: 60_000 });
      await answers(page).getByText("after it").waitFor();
    } finally {
      await own.stop();
    }
  });
});

describe("the list of sessions", () => {
  test("a session is renamed, pinned, searched, archived and deleted", async () => {
    const { page } = await tested.open();
    await say(page, "list me");
    await ended(page).waitFor();
    const list = page.locator(".session-list");
    const entry = (title: string) => list.getByRole("link", { name: title });
    const act = async (title: string, action: string) => {
      await entry(title).hover();
      await list.getByRole("button", { name: `Actions for “${title}”` }).click();
      await page.getByRole("menuitem", { name: action, exact: true }).click();
    };
    await act("list me", "Rename");
    await page.getByLabel("Title").fill("named anew");
    await page.getByRole("button", { name: "Save" }).click();
    await entry("named anew").waitFor();
    await act("named anew", "Pin");
    await list.getByRole("heading", { name: "Pinned" }).waitFor();
    await list.getByRole("searchbox").fill("NAMED");
    await waitFor("only one is listed", async () => (await list.locator(".session-entry").count()) === 1);
    await list.getByRole("searchbox").fill("nothing like it");
    await list.getByText("No session has “nothing like it” in its title.").waitFor();
    await list.getByRole("searchbox").fill("");
    await entry("named anew").waitFor();
    await act("named anew", "Archive");
    await entry("named anew").waitFor({ state: "detached" });
    await list.getByRole("button", { name: "Archived sessions" }).click();
    await act("named anew", "Delete");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await list.getByText("Nothing is archived.").waitFor();
  });

  test("a session is exported as a file", async () => {
    const { page } = await tested.open();
    await say(page, "export me");
    await ended(page).waitFor();
    await page.locator(".head").getByRole("button").last().click();
    const download = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: "Export as Markdown" }).click();
    expect((await download).suggestedFilename()).toBe("export me.md");
  });
});

test("the console speaks Chinese to a browser that does, and can be changed", async () => {
  const { page } = await tested.open({ locale: "zh-CN" });
  await page.getByText("需要我做什么？").waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
  await page.locator(".account summary").click();
  await page.getByLabel("语言").selectOption("en");
  await page.getByText("What shall I do?").waitFor();
  await page.reload();
  await page.getByText("What shall I do?").waitFor();
});
