// The scripts for programs of the Mac: how osascript is called, what it may say, and the scripts themselves, run here with stand-ins for
// the programs they control.
import { createContext, runInContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { checkTool, parametersForModel } from "../../../../../lib/tools/check-tool.ts";
import runApplescript from "../../../../../plugins/tools/apps/run-applescript.ts";
import { runFixedScript, scriptFailure } from "../../../../../plugins/tools/apps/scripts/osascript.ts";
import { runScript, SCRIPTS } from "../../../../../plugins/tools/apps/scripts/run-script.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { onMac } from "./mac-commands.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext();
});
afterEach(() => context.remove());

const osascript = (stdout: string, more: object = {}) =>
  onMac(context, { "/usr/bin/osascript": () => ({ stdout, ...more }) });
const HOSTILE = '"); Application("Finder").delete(); ("\\\n-e $(reboot) \u2028';

describe("a fixed script", () => {
  test("G26 gets values as one JSON argument behind a source that is always the same", async () => {
    const mac = osascript('{"id":"x"}\n');
    expect(await runScript(mac, "create_note", { title: "a", text: HOSTILE })).toEqual({ id: "x" });
    await runScript(mac, "create_note", { title: "b" });
    const [first, second] = mac.ran.map(({ argv }) => argv);
    expect(first?.slice(0, 4)).toEqual(["/usr/bin/osascript", "-l", "JavaScript", "-e"]);
    expect(first).toHaveLength(6);
    expect(first?.[4]).toBe(second?.[4]);
    expect(first?.[4]).not.toContain("reboot");
    expect(JSON.parse(first?.[5] ?? "")).toEqual({ title: "a", text: HOSTILE });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["volume", { level: 101 }, "level"],
    ["volume", { mode: "on" }, "mode"],
    ["create_note", {}, "title"],
    ["create_reminder", { title: "x", due: "tomorrow" }, "2026-12-01T09:30"],
    ["create_reminder", { title: "x", due: "2026-02-30T10:00" }, "due"],
    ["create_event", { title: "x", start: "2026-12-01T10:00", end: "2026-12-01T09:00" }, "after start"],
    ["browser_tab", { browser: "Terminal" }, "browser"],
    ["frontmost_app", { anything: 1 }, "anything"],
    ["__proto__", {}, "no script"],
    ["toString", {}, "no script"],
  ])("%s with %j is refused, and nothing runs", async (id, args, words) => {
    const mac = osascript("{}");
    await expect(runScript(mac, id, args)).rejects.toMatchObject({
      code: "invalid_arguments",
      message: expect.stringContaining(words),
    });
    expect(mac.ran).toEqual([]);
  });

  test("that gives no JSON has failed", async () => {
    await expect(runFixedScript(osascript("undefined\n"), "", {})).rejects.toThrow("gave no JSON: undefined");
  });

  test("that does not end may wait for an answer on the Mac's screen", async () => {
    const mac = osascript("", { timed_out: true, exit_code: null });
    await expect(runFixedScript(mac, "", {})).rejects.toMatchObject({
      code: "timeout",
      message: expect.stringContaining("asks on its screen"),
    });
  });
});

/** As osascript of macOS 13 to 15 writes them. */
const SAID: [string, string][] = [
  [
    "100:132: execution error: Error: Error: Not authorized to send Apple events to System Events. (-1743)\n",
    "permission_missing",
  ],
  ["execution error: Not authorised to send Apple events to Music. (-1743)", "permission_missing"],
  [
    "0:94: execution error: System Events got an error: osascript is not allowed assistive access. (-1719)",
    "permission_missing",
  ],
  ["execution error: Error: osascript is not allowed assistive access. (-25211)", "permission_missing"],
  ["execution error: Error: Error: User canceled. (-128)", "cancelled_by_user"],
  ["execution error: Error: Error: Application isn't running. (-600)", "not_running"],
  ["execution error: Error: Error: Application can't be found. (-2700)", "not_installed"],
  ["execution error: Error: Error: Can't get object. (-1728)", "not_found"],
  ["execution error: Error: Error: Ungültiger Index. (-1719)", "not_found"],
  ["1:2: syntax error: Expected end of line but found identifier. (-2741)", "failed"],
  ["", "failed"],
];

test.each(SAID)("osascript's %j is %2$s", (stderr, code) => {
  const failure = scriptFailure(stderr);
  expect(failure.code).toBe(code);
  if (code === "permission_missing") expect(failure.message).toContain("System Settings");
  expect(failure.message.length).toBeLessThan(1_000);
});

describe("a free script", () => {
  test("is refused unless the owner of the Mac allows it", async () => {
    const mac = osascript("ran");
    for (const freeScripts of [undefined, false])
      await expect(
        runScript({ ...mac, ...(freeScripts === undefined ? {} : { freeScripts }) }, "free", {
          source: "beep",
        }),
      ).rejects.toMatchObject({ code: "not_permitted" });
    expect(mac.ran).toEqual([]);
  });

  test("runs as AppleScript where it is allowed, and cannot become an option", async () => {
    const mac = osascript("3\n");
    expect(await runScript({ ...mac, freeScripts: true }, "free", { source: "-l JavaScript" })).toEqual({
      result: "3",
    });
    expect(mac.ran[0]?.argv).toEqual(["/usr/bin/osascript", "-l", "AppleScript", "-e", "-l JavaScript"]);
  });

  test("can send anything anywhere, so it is asked about as that; a fixed one is not", () => {
    expect(runApplescript.egress?.({ script_id: "free", args: {} })).toEqual(["*"]);
    expect(runApplescript.egress?.({ script_id: "volume", args: {} })).toEqual([]);
  });
});

describe("run_applescript", () => {
  test("shows a model every script, and arguments with their choices", () => {
    const tool = checkTool(runApplescript, "apps");
    const { properties } = parametersForModel(tool.parameters) as {
      properties: {
        script_id: { enum: string[]; description: string };
        args: { properties: Record<string, unknown> };
      };
    };
    expect(properties.script_id.enum).toEqual([...Object.keys(SCRIPTS), "free"]);
    for (const id of Object.keys(SCRIPTS)) expect(properties.script_id.description).toContain(`${id} {`);
    expect(properties.script_id.description).toContain(
      "create_event {title, start, end, calendar?, location?, notes?}",
    );
    expect(properties.args.properties).toMatchObject({ mode: { enum: ["tell", "on", "off", "toggle"] } });
    expect(tool.platforms).toEqual(["darwin"]);
    expect(tool.parameters.safeParse({ script_id: "volume", args: { x: 1 } }).success).toBe(false);
    expect(tool.parameters.parse({ script_id: "dark_mode" })).toEqual({ script_id: "dark_mode", args: {} });
  });
});

/** Runs a script as osascript does: its `run` gets the arguments, and what it gives is printed. */
function played(
  id: string,
  args: object,
  applications: (name: string) => unknown,
  more: object = {},
): unknown {
  const { source = "", args: schema } = SCRIPTS[id] ?? {};
  const Application = Object.assign(applications, { currentApplication: () => applications("current") });
  const world = createContext({ Application, ...more });
  const ready = JSON.stringify(schema?.parse(args));
  runInContext(source, world);
  return JSON.parse(
    String(runInContext(`JSON.stringify(work(JSON.parse(${JSON.stringify(ready)})))`, world)),
  );
}

describe("the scripts themselves", () => {
  test("volume sets what is given, and tells how it is", () => {
    const calls: unknown[] = [];
    const app = {
      setVolume: (...given: unknown[]) => void calls.push(given),
      getVolumeSettings: () => ({ outputVolume: 30, outputMuted: true }),
    };
    expect(played("volume", {}, () => app)).toEqual({ level: 30, muted: true });
    expect(calls).toEqual([]);
    played("volume", { level: 0, muted: false }, () => app);
    expect(JSON.stringify(calls)).toBe('[[null,{"outputVolume":0}],[null,{"outputMuted":false}]]');
  });

  test("dark_mode changes only what it was told to", () => {
    const sets: unknown[] = [];
    const preferences = () => ({
      set darkMode(value: unknown) {
        sets.push(value);
      },
      get darkMode(): unknown {
        return () => false;
      },
    });
    const events = () => ({ appearancePreferences: preferences() });
    expect(played("dark_mode", {}, events)).toEqual({ dark: false });
    for (const mode of ["on", "off", "toggle"]) played("dark_mode", { mode }, events);
    expect(sets).toEqual([true, false, true]);
  });

  test("frontmost_app has no window where it may not look", () => {
    const front = {
      name: () => "Notes",
      bundleIdentifier: () => "com.apple.Notes",
      windows: [{ name: () => fail(-25_211) }],
    };
    const events = () => ({ applicationProcesses: { whose: () => [front] } });
    expect(played("frontmost_app", {}, events)).toEqual({
      name: "Notes",
      bundle_id: "com.apple.Notes",
      window: null,
    });
  });

  test("list_windows takes ordinary windows only", () => {
    const window = (layer: number, title?: string) => ({
      kCGWindowLayer: layer,
      kCGWindowNumber: 7,
      kCGWindowOwnerName: "Notes",
      kCGWindowName: title,
      kCGWindowBounds: { X: 1, Y: 2, Width: 3, Height: 4 },
    });
    const ObjC = {
      import: () => undefined,
      castRefToObject: (ref: unknown) => ref,
      deepUnwrap: (ref: unknown) => ref,
    };
    const $ = { CGWindowListCopyWindowInfo: () => [window(0, "x"), window(25), window(0)] };
    const place = { id: 7, app: "Notes", x: 1, y: 2, width: 3, height: 4 };
    expect(played("list_windows", {}, () => undefined, { ObjC, $ })).toEqual({
      windows: [
        { ...place, title: "x" },
        { ...place, title: null },
      ],
      total: 2,
    });
  });

  test("browser_tab passes over browsers that are not there, and not over a missing permission", () => {
    const tab = { name: () => "Start", title: () => "Start", url: () => "https://example.com/" };
    const safari = { running: () => true, windows: [{ currentTab: tab }] };
    const chrome = { running: () => true, windows: [{ activeTab: tab }] };
    const apps: Record<string, unknown> = {
      Safari: safari,
      "Google Chrome": chrome,
      Arc: { running: () => false },
    };
    const found = played("browser_tab", {}, (name) => apps[name] ?? fail(-2_700));
    expect(found).toEqual({
      tabs: ["Safari", "Google Chrome"].map((browser) => ({
        browser,
        title: "Start",
        url: "https://example.com/",
      })),
    });
    expect(() => played("browser_tab", { browser: "Safari" }, () => fail(-1_743))).toThrow("-1743");
  });

  test("finder_selection gives paths", () => {
    const items = [{ url: () => "file:///Users/ada/Gr%C3%BC%C3%9Fe%20%23%201.pdf" }];
    expect(played("finder_selection", {}, () => ({ selection: () => items }))).toEqual({
      paths: ["/Users/ada/Grüße # 1.pdf"],
      total: 1,
    });
  });

  test("music is not started to be asked or paused", () => {
    const calls: string[] = [];
    const music = (running: boolean) => ({
      running: () => running,
      ...Object.fromEntries(
        ["play", "pause", "nextTrack", "previousTrack"].map((name) => [name, () => calls.push(name)]),
      ),
      playerState: () => "playing",
      currentTrack: { name: () => "So What", artist: () => "Miles Davis", album: () => "Kind of Blue" },
    });
    for (const action of ["tell", "pause", "next"])
      expect(played("music", { action }, () => music(false))).toEqual({ state: "not running" });
    expect(calls).toEqual([]);
    expect(played("music", { action: "next" }, () => music(true))).toEqual({
      state: "playing",
      title: "So What",
      artist: "Miles Davis",
      album: "Kind of Blue",
    });
    played("music", { action: "play" }, () => music(false));
    expect(calls).toEqual(["nextTrack", "play"]);
  });

  test("create_note keeps a text a text", () => {
    const made: unknown[] = [];
    const notes = {
      make(what: unknown) {
        made.push(what);
        return { id: () => "x-coredata://1" };
      },
    };
    expect(played("create_note", { title: "T", text: "<script>&\nb" }, () => notes)).toEqual({
      id: "x-coredata://1",
    });
    expect(made).toMatchObject([
      { new: "note", withProperties: { name: "T", body: "&lt;script&gt;&amp;<br>b" } },
    ]);
  });

  test("create_reminder and create_event write into the usual place unless another is named", () => {
    const pushed: { in: string; what: Record<string, unknown> }[] = [];
    const place = (name: string) => {
      const kept = { push: (what: Record<string, unknown>) => void pushed.push({ in: name, what }) };
      return { name: () => name, reminders: kept, events: kept };
    };
    const app = {
      Reminder: (what: object) => ({ ...what, id: () => "r1" }),
      Event: (what: object) => ({ ...what, uid: () => "e1" }),
      defaultList: () => place("Reminders"),
      lists: { byName: place },
      calendars: { byName: place, whose: () => [place("Home")] },
    };
    expect(played("create_reminder", { title: "milk", due: "2026-12-01T09:30" }, () => app)).toEqual({
      id: "r1",
      list: "Reminders",
    });
    played("create_reminder", { title: "milk", list: "Work" }, () => app);
    const times = { start: "2026-12-01T09:30", end: "2026-12-01T10:00" };
    expect(played("create_event", { title: "call", ...times }, () => app)).toEqual({
      id: "e1",
      calendar: "Home",
    });
    expect(pushed.map((one) => one.in)).toEqual(["Reminders", "Work", "Home"]);
    expect(pushed[0]?.what).toMatchObject({ name: "milk" });
    expect(String(pushed[0]?.what.dueDate)).toContain("09:30");
    expect(pushed[2]?.what).toMatchObject({ summary: "call" });
  });

  test("list_calendars names them", () => {
    const calendar = { name: () => "Home", writable: () => true };
    expect(played("list_calendars", {}, () => ({ calendars: () => [calendar] }))).toEqual({
      calendars: [{ name: "Home", writable: true }],
    });
  });
});

function fail(errorNumber: number): never {
  throw Object.assign(new Error(`Error (${errorNumber})`), { errorNumber });
}
