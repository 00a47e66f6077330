// The clipboard: macOS' commands as they are called, and on Linux programs that hold what is copied.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readClipboard, writeClipboard } from "../../../../../plugins/tools/apps/clipboard/clipboard.ts";
import { readOnLinux, writeOnLinux } from "../../../../../plugins/tools/apps/clipboard/linux-clipboard.ts";
import clipboardRead from "../../../../../plugins/tools/apps/clipboard-read.ts";
import clipboardWrite from "../../../../../plugins/tools/apps/clipboard-write.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { onMac } from "./mac-commands.ts";
import { desktopWith, ended, holderIn } from "./stand-ins.ts";

const TEXT = "--help\n$(reboot) `x` \"'\u202eאב 🦜";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext();
});
afterEach(() => context.remove());

describe("on macOS", () => {
  test("G26 a text is what pbcopy reads, never an argument, in UTF-8", async () => {
    const mac = onMac(context, { "/usr/bin/pbcopy": () => ({}) });
    await writeClipboard(mac, TEXT, "darwin");
    expect(mac.ran).toMatchObject([
      { argv: ["/usr/bin/pbcopy"], options: { input: TEXT, env: { LC_ALL: "en_US.UTF-8" } } },
    ]);
  });

  test("what is copied is read as text, and a cut is said", async () => {
    const mac = onMac(context, { "/usr/bin/pbpaste": () => ({ stdout: TEXT, truncated: true }) });
    expect(await readClipboard(mac, "darwin")).toEqual({ text: TEXT, truncated: true });
    expect(mac.ran[0]?.argv).toEqual(["/usr/bin/pbpaste", "-Prefer", "txt"]);
  });

  test("a command that fails is told in its words", async () => {
    const mac = onMac(context, { "/usr/bin/pbpaste": () => ({ exit_code: 1, stderr: "no pasteboard\n" }) });
    await expect(readClipboard(mac, "darwin")).rejects.toThrow(
      "Reading the clipboard did not work: no pasteboard",
    );
  });
});

/** Holds a text until something else is held, as xclip does. */
const XCLIP = `
case "$*" in
  *-o*) if [ -f "$STORE" ]; then cat "$STORE"; else echo "Error: target STRING not available" >&2; exit 1; fi;;
  *) echo "$$" > "$HELD"; cat > "$STORE.new"; mv "$STORE.new" "$STORE"; exec sleep 60;;
esac`;

const PASTE = `[ -f "$STORE" ] || { echo "Nothing is copied" >&2; exit 1; }; cat "$STORE"`;

describe("on Linux", () => {
  const desktops = (scripts: Record<string, string>, variables?: Record<string, string>) =>
    desktopWith(context.root, scripts, variables);
  const endHolder = async () => {
    const pid = await holderIn(context.root);
    process.kill(pid);
    return pid;
  };

  test("a text is held by a program that goes on when the call is over, and read as it was", async () => {
    const desktop = await desktops({ xclip: XCLIP });
    expect(await readOnLinux(context, desktop)).toEqual({ text: "", truncated: false });
    await writeOnLinux(context, TEXT, desktop);
    expect(await readOnLinux(context, desktop)).toEqual({ text: TEXT, truncated: false });
    const pid = await endHolder();
    await ended(pid);
  });

  test("Wayland has programs of its own", async () => {
    const scripts = { "wl-copy": `[ "$1" = --foreground ] || exit 9\n${XCLIP}`, "wl-paste": PASTE };
    const desktop = await desktops(scripts, { WAYLAND_DISPLAY: "wayland-0" });
    await writeOnLinux(context, TEXT, desktop);
    expect((await readOnLinux(context, desktop)).text).toBe(TEXT);
    await endHolder();
  });

  test("xsel does it where there is no xclip", async () => {
    const xsel = XCLIP.replace("*-o*", "*--output*");
    const desktop = await desktops({ xsel });
    await writeOnLinux(context, TEXT, desktop);
    expect((await readOnLinux(context, desktop)).text).toBe(TEXT);
    await endHolder();
  });

  test("a program that is missing is named, with what to install", async () => {
    const failure = { code: "program_missing", message: expect.stringContaining("install xclip or xsel") };
    await expect(writeOnLinux(context, TEXT, await desktops({}))).rejects.toMatchObject(failure);
    await expect(readOnLinux(context, await desktops({}))).rejects.toMatchObject(failure);
  });

  test("a program that does not hold the text is a failure, not a success", async () => {
    const desktop = await desktops({ xclip: `case "$*" in *-o*) exit 0;; *) exit 1;; esac` });
    await expect(writeOnLinux(context, TEXT, desktop)).rejects.toMatchObject({ code: "failed" });
  });

  test("a call that is cancelled leaves no program behind", async () => {
    const desktop = await desktops({
      xclip: `case "$*" in *-o*) exit 0;; *) echo $$ > "$HELD"; exec sleep 60;; esac`,
    });
    const writing = writeOnLinux(context, TEXT, desktop);
    const pid = await holderIn(context.root);
    context.abort();
    await expect(writing).rejects.toThrow();
    await ended(pid);
  });
});

describe("the tools", () => {
  test("ask before they read or write", () => {
    expect([clipboardRead.risk, clipboardWrite.risk]).toEqual(["write", "write"]);
  });

  test("refuse unknown arguments, no text and too much of it", () => {
    expect(clipboardRead.parameters.safeParse({ x: 1 }).success).toBe(false);
    for (const args of [
      {},
      { content: "" },
      { content: "x".repeat(1_000_001) },
      { content: 1 },
      { content: "a", x: 1 },
    ])
      expect(clipboardWrite.parameters.safeParse(args).success).toBe(false);
  });

  test("say what is missing where nobody sees a screen", async () => {
    const { DISPLAY, WAYLAND_DISPLAY, ...others } = process.env;
    const before = process.env;
    process.env = others;
    try {
      await expect(readOnLinux(context)).rejects.toMatchObject({ code: "no_display" });
    } finally {
      process.env = before;
    }
  });
});
