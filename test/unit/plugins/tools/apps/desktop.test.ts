// Pages and notifications: what the system's commands are given.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { showNotification } from "../../../../../plugins/tools/apps/desktop/notify.ts";
import { openInBrowser, webAddress } from "../../../../../plugins/tools/apps/desktop/open-in-browser.ts";
import openUrl from "../../../../../plugins/tools/apps/open-url.ts";
import showNotificationTool from "../../../../../plugins/tools/apps/show-notification.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { onMac } from "./mac-commands.ts";
import { desktopWith, ended, holderIn } from "./stand-ins.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext();
});
afterEach(() => context.remove());

describe("an address", () => {
  test("is opened in its one spelling, which no command takes for an option or for two", () => {
    expect(webAddress(" HTTPS://Example.com/a b?q='$(x)'\n ", context)).toBe(
      "https://example.com/a%20b?q=%27$(x)%27",
    );
  });

  test.each([
    ["file:///etc/passwd", "invalid_url"],
    ["javascript:alert(1)", "invalid_url"],
    ["ssh://host/", "invalid_url"],
    ["x-apple.systempreferences:com.apple.preference", "invalid_url"],
    ["-a Calculator", "invalid_url"],
    ["example.com", "invalid_url"],
    ["http://", "invalid_url"],
    ["https://user:password@example.com/", "invalid_url"],
    ["\u0000https://", "invalid_url"],
  ])("such as %j is refused", (url, code) => {
    expect(() => webAddress(url, context)).toThrow(expect.objectContaining({ code }));
  });

  test("whose host nobody was asked about is not opened", () => {
    const asked: string[] = [];
    const mayReach = (host: string) => {
      asked.push(host);
      return false;
    };
    expect(() => webAddress("https://Evil.example/?leak", { mayReach })).toThrow("Nobody was asked");
    expect(asked).toEqual(["evil.example"]);
  });

  test("is a way out for what was read, so each host is asked about", () => {
    expect(openUrl.egress?.({ url: "https://Evil.example/?leak" })).toEqual(["evil.example"]);
    expect([openUrl.risk, openUrl.egress?.({ url: "nonsense" })]).toEqual(["write", []]);
  });
});

describe("open_url", () => {
  test("G26 gives the address to macOS' open as one argument", async () => {
    const mac = onMac(context, { "/usr/bin/open": () => ({}) });
    await openInBrowser(mac, "https://example.com/", { platform: "darwin" });
    expect(mac.ran.map(({ argv }) => argv)).toEqual([["/usr/bin/open", "https://example.com/"]]);
  });

  test("tells what open says when it fails", async () => {
    const stderr =
      "No application knows how to open URL https://example.com/ (Error Domain=NSOSStatusErrorDomain Code=-10814)\n";
    const mac = onMac(context, { "/usr/bin/open": () => ({ exit_code: 1, stderr }) });
    await expect(openInBrowser(mac, "https://example.com/", { platform: "darwin" })).rejects.toThrow(
      "Opening the page did not work: No application knows",
    );
  });

  test("on Linux the browser goes on when the call is over", async () => {
    const script = `echo "$*" > "$STORE"; (sleep 60 & echo $! > "$HELD")`;
    const desktop = await desktopWith(context.root, { "xdg-open": script });
    await openInBrowser(context, "https://example.com/?a=1&b=2", { platform: "linux", desktop });
    expect(await readFile(join(context.root, "store"), "utf8")).toBe("https://example.com/?a=1&b=2\n");
    const pid = await holderIn(context.root);
    expect(process.kill(pid, 0)).toBe(true);
    process.kill(pid);
  });

  test.each([
    [3, "program_missing", "no browser"],
    [4, "failed", "exit code 4"],
  ])("on Linux xdg-open's end with %i is %s", async (exit, code, words) => {
    const desktop = await desktopWith(context.root, { "xdg-open": `exit ${exit}` });
    await expect(
      openInBrowser(context, "https://example.com/", { platform: "linux", desktop }),
    ).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });

  test("on Linux a missing xdg-open is named", async () => {
    const desktop = await desktopWith(context.root, {});
    await expect(
      openInBrowser(context, "https://example.com/", { platform: "linux", desktop }),
    ).rejects.toMatchObject({
      code: "program_missing",
      message: "xdg-open is not installed on this machine: install xdg-utils.",
    });
  });

  test("ends with the call, and the opener with it", async () => {
    const desktop = await desktopWith(context.root, { "xdg-open": `echo $$ > "$HELD"; exec sleep 60` });
    const opening = openInBrowser(context, "https://example.com/", { platform: "linux", desktop });
    const pid = await holderIn(context.root);
    context.abort();
    await expect(opening).rejects.toThrow();
    await ended(pid);
  });
});

const HOSTILE = { title: '-e "); quit(', message: '<b>x</b> & $(reboot)"\n\u202e🦜' };

describe("show_notification", () => {
  test("G26 on macOS title and message are data of a script that never changes", async () => {
    const mac = onMac(context, { "/usr/bin/osascript": () => ({ stdout: "{}\n" }) });
    await showNotification(mac, HOSTILE, { platform: "darwin" });
    await showNotification(mac, { title: "a", message: "" }, { platform: "darwin" });
    const [first, second] = mac.ran.map(({ argv }) => argv);
    expect(first?.slice(0, -1)).toEqual(second?.slice(0, -1));
    expect(JSON.parse(first?.at(-1) ?? "")).toEqual(HOSTILE);
    expect(first?.at(-1)?.startsWith("{")).toBe(true);
  });

  test("on Linux they stand behind the end of options, and markup is text", async () => {
    const desktop = await desktopWith(
      context.root,
      { "notify-send": `printf '%s|' "$@" > "$STORE"` },
      { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" },
    );
    await showNotification(context, HOSTILE, { platform: "linux", desktop });
    expect(await readFile(join(context.root, "store"), "utf8")).toBe(
      '--app-name=MacJarvis|--|-e "); quit(|&lt;b&gt;x&lt;/b&gt; &amp; $(reboot)"\n\u202e🦜|',
    );
  });

  test("without a session or a program it says so", async () => {
    const show = (variables: Record<string, string>) =>
      showNotification(context, HOSTILE, { platform: "linux", desktop: { variables } });
    await expect(show({})).rejects.toMatchObject({ code: "no_display" });
    const variables = { XDG_RUNTIME_DIR: "/run", PATH: join(context.root, "bin") };
    await expect(show(variables)).rejects.toMatchObject({ code: "program_missing" });
  });

  test("has bounds", () => {
    const { parameters } = showNotificationTool;
    expect(parameters.parse({ title: " a " })).toEqual({ title: "a", message: "" });
    for (const args of [{}, { title: "" }, { title: " " }, { title: "x".repeat(201) }, { title: "a", x: 1 }])
      expect(parameters.safeParse(args).success).toBe(false);
  });
});
