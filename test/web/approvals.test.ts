// Questions about calls, as people answer them in the session and in the inbox.
import { readFile } from "node:fs/promises";
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
  await person.page.locator(".approval").waitFor();
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

test("what a command prints is shown while it runs, and it can be stopped", async () => {
  const command = "echo out there; echo wrong >&2; sleep 300";
  const { page } = await asked(`call:execute_shell_command ${JSON.stringify({ command })}`);
  expect(await page.locator(".approval .command").innerText()).toBe(command);
  await page.getByRole("button", { name: "Approve" }).click();
  await page.locator(".output .stdout").getByText("out there").waitFor();
  await page.locator(".output .stderr").getByText("wrong").waitFor();
  await page.locator(".call").getByRole("button", { name: "Stop" }).click();
  await page.locator(".call-status.cancelled").waitFor();
  await page.getByText("Stopped.").waitFor();
});
