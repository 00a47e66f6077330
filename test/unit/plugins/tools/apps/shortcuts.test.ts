// Apple's Shortcuts: how the command is called, and what it leaves in its files.
import { existsSync, statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import listShortcutsTool from "../../../../../plugins/tools/apps/list-shortcuts.ts";
import runShortcutTool from "../../../../../plugins/tools/apps/run-shortcut.ts";
import { listShortcuts, runShortcut } from "../../../../../plugins/tools/apps/shortcuts/shortcuts.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { type MacContext, onMac } from "./mac-commands.ts";

const LIST = "Resize Images\nText → Speech\n--help\nLog, water\n";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext();
});
afterEach(() => context.remove());

const after = (argv: string[], option: string) => argv[argv.indexOf(option) + 1] ?? "";

type Run = (argv: string[]) => Promise<object>;
/** @param run what `shortcuts run` does */
const withShortcuts = (run: Run = async () => ({})): MacContext =>
  onMac(context, { "/usr/bin/shortcuts": (argv) => (argv[1] === "list" ? { stdout: LIST } : run(argv)) });

describe("list_shortcuts", () => {
  test("gives a name a line, whatever is in it", async () => {
    expect(await listShortcuts(withShortcuts())).toEqual([
      "Resize Images",
      "Text → Speech",
      "--help",
      "Log, water",
    ]);
  });

  test("says that older systems have no such command", async () => {
    const mac = onMac(context, { "/usr/bin/shortcuts": () => ({ exit_code: 127 }) });
    await expect(listShortcuts(mac)).rejects.toThrow("macOS 12");
  });
});

describe("run_shortcut", () => {
  test("G26 gives a name behind the end of options, and input and output in a folder of its own that is gone then", async () => {
    let folder = "";
    const mac = withShortcuts(async (argv) => {
      folder = dirname(after(argv, "--input-path"));
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      expect(await readFile(after(argv, "--input-path"), "utf8")).toBe("$(x) 🦜");
      await writeFile(after(argv, "--output-path"), "done 🦜\n");
      return {};
    });
    expect(await runShortcut(mac, { name: "--help", input: "$(x) 🦜" })).toEqual({
      output: "done 🦜\n",
      truncated: false,
    });
    expect(mac.ran.at(-1)?.argv.slice(-2)).toEqual(["--", "--help"]);
    expect(existsSync(folder)).toBe(false);
  });

  test("without input gives none, and a shortcut without output has none", async () => {
    const mac = withShortcuts();
    expect(await runShortcut(mac, { name: "Log, water" })).toEqual({ output: null, truncated: false });
    expect(mac.ran.at(-1)?.argv).not.toContain("--input-path");
  });

  test("says how large an output is that is no text", async () => {
    const mac = withShortcuts(async (argv) => {
      await writeFile(after(argv, "--output-path"), Buffer.from("89504e470d0a1a0a00ff", "hex"));
      return {};
    });
    expect(await runShortcut(mac, { name: "Resize Images" })).toEqual({
      output: null,
      output_bytes: 10,
      truncated: false,
    });
  });

  test("cuts a long output between characters and says so", async () => {
    const mac = withShortcuts(async (argv) => {
      await writeFile(after(argv, "--output-path"), `x${"🦜".repeat(100_000)}`);
      return {};
    });
    const { output, truncated } = await runShortcut(mac, { name: "Resize Images" });
    expect([truncated, output?.isWellFormed(), output?.length]).toEqual([true, true, 99_999]);
  });

  test("refuses a name that is not there, with those like it, and runs nothing", async () => {
    const mac = withShortcuts();
    await expect(runShortcut(mac, { name: "resize" })).rejects.toThrow("There is: Resize Images.");
    expect(mac.ran).toHaveLength(1);
  });

  test("tells what the command says, and leaves nothing behind", async () => {
    let folder = "";
    const mac = withShortcuts(async (argv) => {
      folder = dirname(after(argv, "--output-path"));
      return { exit_code: 1, stderr: "Error: The operation couldn’t be completed. (Shortcuts error 1.)\n" };
    });
    await expect(runShortcut(mac, { name: "Log, water" })).rejects.toThrow(
      'The shortcut "Log, water" did not work: Error',
    );
    expect(existsSync(folder)).toBe(false);
  });

  test("ends with the call", async () => {
    const mac = withShortcuts(async () => {
      context.abort();
      return { exit_code: null };
    });
    expect(await runShortcutTool.execute({ name: "Log, water" }, mac)).toMatchObject({
      ok: false,
      error: { code: "cancelled" },
    });
  });

  test("may send anything anywhere, and is asked about as that", () => {
    expect([runShortcutTool.risk, runShortcutTool.egress?.({ name: "x" })]).toEqual(["execute", ["*"]]);
  });
});

test("both are of macOS alone, and have bounds", () => {
  expect([listShortcutsTool.platforms, runShortcutTool.platforms]).toEqual([["darwin"], ["darwin"]]);
  for (const args of [{}, { name: "" }, { name: "x", input: "x".repeat(100_001) }, { name: "x", y: 1 }])
    expect(runShortcutTool.parameters.safeParse(args).success).toBe(false);
});
