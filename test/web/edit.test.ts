// The last message, edited and sent again, or answered once more.
import { expect, test } from "@jest/globals";
import { answers, composer, ended, openAnotherTab, say } from "../support/console-user.ts";
import { useConsole } from "../support/use-console.ts";

const tested = useConsole();

test("an edited message stands in the place of the last one, with its files; Escape leaves it", async () => {
  const { page } = await tested.open();
  await say(page, "the first");
  await ended(page).waitFor();
  await page.locator(".file-input").setInputFiles({
    ...{ name: "kept.txt", mimeType: "text/plain", buffer: Buffer.from("kept words") },
  });
  await page.locator(".composer .file-size").getByText("10 byte").waitFor();
  await say(page, "the secnd");
  await answers(page).getByText("echo: the secnd").waitFor();
  await page.getByRole("button", { name: "Edit and send again" }).click();
  await page.getByLabel("Edited message").press("Escape");
  expect(await page.getByLabel("Edited message").count()).toBe(0);
  await page.getByRole("button", { name: "Edit and send again" }).click();
  await page.getByLabel("Edited message").fill("the second");
  await page.getByLabel("Edited message").press("Enter");
  await answers(page).getByText("echo: the second").waitFor();
  await page.getByRole("button", { name: "Edit and send again" }).waitFor();
  for (const look of ["now", "after a reload"]) {
    if (look !== "now") await page.reload();
    await answers(page).getByText("echo: the second").waitFor();
    expect(await page.locator(".said-text").allInnerTexts()).toEqual(["the first", "the second"]);
    expect(await page.locator(".said").getByText("kept.txt").count()).toBe(1);
  }
});

test("the last answer is asked for again, of another model, and other tabs see it", async () => {
  const one = await tested.open();
  const { page } = one;
  await say(page, "who are you?");
  await ended(page).waitFor();
  const other = await openAnotherTab(one, tested.stack.server.url);
  tested.kept(other);
  await other.page.getByRole("link", { name: "who are you?" }).click();
  await answers(other.page).getByText("echo: who are you?").waitFor();
  tested.stack.fake.script([{ text: ["another answer"] }]);
  await page.getByRole("button", { name: "Try again with another model" }).click();
  await page.getByRole("menuitem", { name: "With openai/other" }).click();
  for (const tab of [page, other.page]) {
    await answers(tab).getByText("another answer").waitFor();
    await ended(tab).waitFor();
    expect(await tab.locator(".turn").count()).toBe(1);
  }
  expect(await page.locator(".run-end .cost").getAttribute("title")).toContain("openai/other");
});

test("a refusal is said in place, and what was written stays", async () => {
  const { page } = await tested.open();
  await say(page, "as it was");
  await ended(page).waitFor();
  await page.getByRole("button", { name: "Edit and send again" }).click();
  await page.getByLabel("Edited message").fill("changed");
  await page.route("**/agent/chat", (route) => {
    const body = {
      ...(route.request().postDataJSON() as object),
      replaces: "msg_00000000000000000000000000",
    };
    return route.continue({ postData: JSON.stringify(body) });
  });
  await page.getByLabel("Edited message").press("Enter");
  await page.locator(".said").getByRole("alert").waitFor();
  expect(await page.getByLabel("Edited message").inputValue()).toBe("changed");
  expect(await composer(page).inputValue()).toBe("");
  await answers(page).getByText("echo: as it was").waitFor();
});
