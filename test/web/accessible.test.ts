// axe-core finds nothing serious on any page.
import { describe, expect, test } from "@jest/globals";
import { serious } from "../support/accessible.ts";
import { openPage } from "../support/browser.ts";
import { ended, openConsole, say } from "../support/console-user.ts";
import { useConsole } from "../support/use-console.ts";

const tested = useConsole();

describe.each(["light", "dark"] as const)("in the %s", (colorScheme) => {
  test("signing in", async () => {
    const { page, context } = await openPage(tested.browser, tested.stack.server.url, { colorScheme });
    await page.goto(tested.stack.server.url);
    await page.getByRole("heading", { name: "Welcome to MacJarvis" }).waitFor();
    expect(await serious(page)).toEqual([]);
    await context.close();
  });

  test.each([1440, 320])(
    "a session with all that can be in it, the inbox, menus and dialogs, %i pixels wide",
    async (width) => {
      const { page, context } = await openConsole(tested.browser, tested.stack.server.url, {
        colorScheme,
        viewport: { width, height: 900 },
      });
      expect(await serious(page)).toEqual([]);
      const code = "```ts\nconst a = 1; // why\nfunction f(x: string) { return `a` + x; }\n```";
      tested.stack.fake.script([
        {
          text: `# Title\n\nText, \`code\` and a [link](https://example.com/).\n\n${code}\n\n|a|b|\n|-|-|\n|1|2|`,
          reasoning: "hm",
        },
        {
          toolCalls: [
            { name: "list_directory", arguments: { path: tested.stack.workspace } },
            { name: "edit_file", arguments: { path: "/x", old_text: "a\nb\n", new_text: "a\nc\n" } },
          ],
        },
      ]);
      await say(page, "show everything");
      await ended(page).waitFor();
      expect(await serious(page)).toEqual([]);
      await say(page, "ask me");
      await page.locator(".approval").waitFor();
      for (const head of await page.locator("button.call-head").all()) await head.click();
      await page.getByRole("button", { name: "Edit arguments" }).click();
      expect(await serious(page)).toEqual([]);
      await page.locator(".head .menu button").click();
      expect(await serious(page)).toEqual([]);
      await page.getByRole("menuitem", { name: "Delete" }).click();
      expect(await serious(page)).toEqual([]);
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.evaluate("location.hash = '#/approvals'");
      await page.locator(".inbox").waitFor();
      expect(await serious(page)).toEqual([]);
      await context.close();
    },
  );
});
