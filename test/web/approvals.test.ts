// Questions about calls, as people answer them in the session and in the inbox.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { answers, ended, openAnotherTab, type Person, say } from "../support/console-user.ts";
import { useConsole } from "../support/use-console.ts";

const tested = useConsole();

const contentOf = (path: string) => readFile(path, "utf8").catch(() => "not there");
const write = (path: string, content = "a\n") => `call:write_file ${JSON.stringify({ path, content })}`;

async function asked(message: string): Promise<Person> {
  const person = await tested.open();
  await say(person.page, message);
  await person.page.locator(".approval").first().waitFor();
  return person;
}

test("a question shows what would happen, and approved it happens", async () => {
  const path = join(tested.stack.workspace, "approved.txt");
  const { page } = await asked(write(path, "first line\n"));
  const card = page.locator(".approval");
  const words = await card.innerText();
  for (const part of [path, "+ first line", "changes something", "left"]) expect(words).toContain(part);
  await page.locator(".session-entry .badge.waiting").waitFor();
  expect(await contentOf(path)).toBe("not there");
  await card.getByRole("button", { name: "Approve" }).click();
  await ended(page).waitFor();
  expect(await contentOf(path)).toBe("first line\n");
  await page.locator(".call-status.done").waitFor();
});

test("a change of a file is a difference to what stands there: in the session, in the inbox, after a reload and when it is done", async () => {
  const path = join(tested.stack.workspace, "changed.txt");
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`);
  await writeFile(path, `${lines.join("\r\n")}\r\n`);
  const args = { path, old_text: "line 20\n", new_text: "line twenty\n" };
  const { page } = await asked(`call:edit_file ${JSON.stringify(args)}`);
  const shown = async () =>
    (await page.locator(".difference").innerText()).split("\n").filter((line) => line !== "");
  const expected = [
    "… 16 lines that stay the same",
    ...["  line 17", "  line 18", "  line 19", "- line 20", "+ line twenty", "  line 21", "  line 22"],
    ...["  line 23", "… 17 lines that stay the same"],
  ];
  expect(await shown()).toEqual(expected);
  await page.getByText("Compared with the file as it was at").waitFor();
  await page.reload();
  await page.locator(".approval").waitFor();
  expect(await shown()).toEqual(expected);
  await page.getByRole("link", { name: /Approvals/ }).click();
  await page.locator(".inbox .approval").waitFor();
  expect(await shown()).toEqual(expected);
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByText("Nothing waits for you.").waitFor();
  await page.goBack();
  await ended(page).waitFor();
  await page.locator(".call-head").click();
  expect(await shown()).toEqual(expected);
});

test("why there is no difference is said: a new file, one that may not be read, text that is not there", async () => {
  const path = join(tested.stack.workspace, "words.txt");
  await writeFile(path, "twice\ntwice\n");
  const rows: [tool: string, args: Record<string, unknown>, words: string][] = [
    [
      "write_file",
      { path: join(tested.stack.workspace, "none.txt"), content: "a" },
      "There is no such file yet",
    ],
    ["write_file", { path: "/etc/hostname", content: "a" }, "may not be read"],
    ["write_file", { path, content: "a" }, "so it will fail"],
    ["edit_file", { path, old_text: "once", new_text: "a" }, "is not in the file now"],
    ["edit_file", { path, old_text: "twice", new_text: "a" }, "more than once"],
  ];
  const message = rows.map(([tool, args]) => `call:${tool} ${JSON.stringify(args)}`).join("\n");
  const { page } = await asked(message);
  for (const [, , words] of rows) await page.locator(".approval").getByText(words).waitFor();
});

test("denied with a reason, the model reads it, and everybody sees it", async () => {
  const path = join(tested.stack.workspace, "denied.txt");
  const { page } = await asked(write(path));
  await page.getByLabel("Why not?").fill("not in that folder");
  await page.getByRole("button", { name: "Deny" }).click();
  await ended(page).waitFor();
  await page.getByText("Denied: not in that folder").waitFor();
  expect(JSON.stringify(tested.stack.fake.requests.at(-1)?.body)).toContain("not in that folder");
  expect(await contentOf(path)).toBe("not there");
});

test("arguments are edited as JSON: what is wrong cannot be sent, what differs is shown, and that runs", async () => {
  const [path, other] = [
    join(tested.stack.workspace, "asked.txt"),
    join(tested.stack.workspace, "edited.txt"),
  ];
  const { page } = await asked(write(path));
  await page.getByRole("button", { name: "Edit arguments" }).click();
  const json = page.getByLabel("Arguments as JSON");
  await json.fill("{ no");
  await page.getByText("This is no JSON object").waitFor();
  expect(await page.getByRole("button", { name: "Approve" }).isDisabled()).toBe(true);
  await json.fill(JSON.stringify({ path: other, content: "b\n" }, null, 2));
  expect(await page.locator(".difference .removed").first().innerText()).toContain("asked.txt");
  expect(await page.locator(".difference .added").first().innerText()).toContain("edited.txt");
  await page.getByRole("button", { name: "Approve" }).click();
  await ended(page).waitFor();
  expect([await contentOf(path), await contentOf(other)]).toEqual(["not there", "b\n"]);
});

test("what the server does not take of edited arguments is said in the question", async () => {
  const { page } = await asked(write(join(tested.stack.workspace, "wrong.txt")));
  await page.getByRole("button", { name: "Edit arguments" }).click();
  await page.getByLabel("Arguments as JSON").fill('{"path": 7}');
  await page.getByRole("button", { name: "Approve" }).click();
  await page.locator(".approval .error").getByText("args.path").waitFor();
});

test("asked in one tab, answered by keyboard in the inbox of another, seen in both; remembered it is not asked again", async () => {
  const path = join(tested.stack.workspace, "inbox.txt");
  const person = await asked(write(path));
  const second = tested.kept(await openAnotherTab(person, tested.stack.server.url));
  await second.page.getByRole("link", { name: /Approvals/ }).click();
  const card = second.page.locator(".inbox .approval");
  await card.getByLabel("Remember").selectOption("session");
  await second.page.getByRole("link", { name: /Approvals/ }).focus();
  await second.page.keyboard.press("a");
  await second.page.getByText("Nothing waits for you.").waitFor();
  await ended(person.page).waitFor();
  await answers(person.page).getByText("done:").waitFor();
  expect(await contentOf(path)).toBe("a\n");
  await say(person.page, write(join(tested.stack.workspace, "again.txt")));
  await ended(person.page).nth(1).waitFor();
  expect(await contentOf(join(tested.stack.workspace, "again.txt"))).toBe("a\n");
});

test("letters that are typed into the reason answer nothing", async () => {
  const path = join(tested.stack.workspace, "typed.txt");
  const { page } = await asked(write(path));
  await page.getByLabel("Why not?").pressSequentially("add a date");
  expect(await page.getByRole("button", { name: "Approve" }).isEnabled()).toBe(true);
  expect(await contentOf(path)).toBe("not there");
  await page.locator(".approval").focus();
  await page.keyboard.press("d");
  await page.getByText("Denied: add a date").waitFor();
});

test("a key answers no question that is out of sight, and none while it is held down", async () => {
  const path = join(tested.stack.workspace, "unseen.txt");
  const { page } = await asked(write(path));
  await page.setViewportSize({ width: 400, height: 300 });
  await page.locator(".turns").focus();
  await page.evaluate('document.querySelector(".turns").scrollTop = 0');
  await page.keyboard.press("d");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.locator(".approval").scrollIntoViewIfNeeded();
  // Held down: the first event of it went elsewhere.
  await page.locator(".reason").focus();
  await page.keyboard.down("d");
  await page.locator(".approval").focus();
  await page.keyboard.down("d");
  await page.keyboard.up("d");
  expect(await page.getByRole("button", { name: "Approve" }).isEnabled()).toBe(true);
  await page.locator(".turns").focus();
  await page.keyboard.press("a");
  await ended(page).waitFor();
  expect(await contentOf(path)).toBe("a\n");
});

test("what a command prints is shown while it runs, and it can be stopped: the run goes on and the model knows", async () => {
  const command = "echo out there; echo wrong >&2; sleep 300";
  const { page } = await asked(`call:execute_shell_command ${JSON.stringify({ command })}`);
  expect(await page.locator(".approval .command").innerText()).toBe(command);
  await page.getByRole("button", { name: "Approve" }).click();
  await page.locator(".output .stdout").getByText("out there").waitFor();
  await page.locator(".output .stderr").getByText("wrong").waitFor();
  await page.locator(".call").getByRole("button", { name: "Stop this call" }).click();
  await page.locator(".call-status.cancelled").waitFor();
  await answers(page).getByText("done:").waitFor();
  await ended(page).waitFor();
  expect(JSON.stringify(tested.stack.fake.requests.at(-1)?.body)).toContain("The user stopped this call");
});
