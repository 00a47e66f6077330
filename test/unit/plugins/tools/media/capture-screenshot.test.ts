// capture_screenshot: what macOS' commands are given, what they say when they may not, and the picture that comes of it.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { boundResult } from "../../../../../lib/tools/bound-result.ts";
import { checkTool } from "../../../../../lib/tools/check-tool.ts";
import captureScreenshot from "../../../../../plugins/tools/media/capture-screenshot.ts";
import { whyNot } from "../../../../../plugins/tools/media/screen/capture.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { type MacContext, onMac } from "../apps/mac-commands.ts";

let context: TestContext;
let folder = "";
beforeEach(async () => {
  context = await toolContext();
});
afterEach(() => context.remove());

function png(width: number, height: number): Buffer {
  const header = Buffer.from("89504e470d0a1a0a0000000d4948445200000000000000000806000000", "hex");
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  return header;
}
const jpeg = (size: number) => Buffer.concat([Buffer.from("ffd8ffe0", "hex"), Buffer.alloc(size - 4)]);
const WINDOWS = {
  windows: [
    { id: 41, app: "Safari" },
    { id: 42, app: "Notes" },
    { id: 43, app: "Notes" },
  ],
  total: 3,
};

type Mac = {
  shot?: Buffer;
  /** Sizes of what sips makes, one after the other. */
  sizes?: number[];
  may?: boolean | null;
};
function mac({ shot = png(3_456, 2_234), sizes = [300_000], may = true }: Mac = {}): MacContext {
  const left = [...sizes];
  return onMac(context, {
    "/usr/sbin/screencapture": async (argv) => {
      folder = dirname(argv.at(-1) ?? "");
      await writeFile(argv.at(-1) ?? "", shot);
      return {};
    },
    "/usr/bin/sips": async (argv) => {
      await writeFile(argv.at(-1) ?? "", jpeg(left.shift() ?? 1_000));
      return { stdout: "/private/tmp/shot.png\n" };
    },
    "/usr/bin/osascript": (argv) =>
      argv.join(" ").includes("CGPreflight")
        ? may === null
          ? { exit_code: 1, stderr: "execution error: Error: undefined is not a function (-2700)" }
          : { stdout: JSON.stringify({ may }) }
        : { stdout: JSON.stringify(WINDOWS) },
  });
}
const commands = ({ ran }: MacContext, program: string) =>
  ran.map(({ argv }) => argv).filter(([name]) => name === program);

describe("capture_screenshot", () => {
  test("gives the main display as a picture small enough for a model, and leaves no file", async () => {
    const given = mac();
    const result = await captureScreenshot.execute({}, given);
    expect(result).toMatchObject({ ok: true, data: { display: 1, width: 1_568, height: 1_014 } });
    expect(commands(given, "/usr/sbin/screencapture")[0]?.slice(1, -1)).toEqual([
      "-x",
      "-t",
      "png",
      "-D",
      "1",
    ]);
    expect(commands(given, "/usr/bin/sips")[0]?.slice(1, 7)).toEqual([
      "-Z",
      "1568",
      "-s",
      "format",
      "jpeg",
      "-s",
    ]);
    const [image] = boundResult(result).images ?? [];
    expect([image?.media_type, image?.bytes]).toEqual(["image/jpeg", 300_000]);
    expect(image?.data).toBe(jpeg(300_000).toString("base64"));
    expect([folder.includes("macjarvis-screen-"), existsSync(folder)]).toEqual([true, false]);
  });

  test("does not make a small window larger", async () => {
    const given = mac({ shot: png(800, 600) });
    const result = await captureScreenshot.execute({ window: "42" }, given);
    expect(result.data).toEqual({ window: 42, width: 800, height: 600 });
    expect(commands(given, "/usr/sbin/screencapture")[0]?.slice(1, -1)).toEqual([
      "-x",
      "-t",
      "png",
      "-o",
      "-l",
      "42",
    ]);
    expect(commands(given, "/usr/bin/sips")[0]).not.toContain("-Z");
  });

  test("takes the front window of a program by its name, and names the others where there is none", async () => {
    expect((await captureScreenshot.execute({ window: "notes" }, mac())).data).toMatchObject({ window: 42 });
    const missing = mac();
    expect(await captureScreenshot.execute({ window: "Mail" }, missing)).toMatchObject({
      ok: false,
      error: { code: "not_found", message: expect.stringContaining("Safari, Notes") },
    });
    expect(commands(missing, "/usr/sbin/screencapture")).toEqual([]);
  });

  test("makes it smaller until it fits, and gives up where that is no help", async () => {
    const given = mac({ sizes: [2_000_000, 1_600_000, 900_000] });
    expect(await captureScreenshot.execute({}, given)).toMatchObject({ ok: true, data: { width: 1_024 } });
    expect(commands(given, "/usr/bin/sips").map((argv) => argv[2])).toEqual(["1568", "1568", "1024"]);
    const never = await captureScreenshot.execute({}, mac({ sizes: [9e6, 9e6, 9e6] }));
    expect([never.ok, never.images]).toEqual([false, undefined]);
  });

  test("says that windows may be missing where macOS does not let it see them", async () => {
    const blind = await captureScreenshot.execute({}, mac({ may: false }));
    expect(blind).toMatchObject({ ok: true, data: { note: expect.stringContaining("Screen Recording") } });
    for (const may of [true, null])
      expect((await captureScreenshot.execute({}, mac({ may }))).data).not.toHaveProperty("note");
  });

  test("gives no picture where screencapture gave none, or something else", async () => {
    for (const shot of [Buffer.alloc(0), Buffer.from("no picture")])
      expect(await captureScreenshot.execute({}, mac({ shot }))).toMatchObject({
        ok: false,
        error: { code: "failed" },
      });
  });

  test("ends with the call, and leaves no file", async () => {
    const given = mac();
    const { run } = given;
    given.run = async (argv, options) => {
      const result = await run(argv, options);
      context.abort();
      return result;
    };
    expect(await captureScreenshot.execute({}, given)).toMatchObject({
      ok: false,
      error: { code: "cancelled" },
    });
    expect(existsSync(folder)).toBe(false);
  });

  test("is of macOS alone, asks, and takes a display or a window", () => {
    const tool = checkTool(captureScreenshot, "media");
    expect([tool.platforms, tool.risk]).toEqual([["darwin"], "write"]);
    for (const args of [
      { display: 0 },
      { display: 17 },
      { window: "" },
      { display: 1, window: "x" },
      { x: 1 },
    ])
      expect(tool.parameters.safeParse(args).success).toBe(false);
    expect(tool.parameters.safeParse({ window: "Notes" }).success).toBe(true);
  });
});

/** As screencapture writes it on macOS 12 to 15. */
test.each([
  ["could not create image from display\n", { display: 1 }, "permission_missing"],
  [
    "screencapture: could not create image from display with rect (0,0,0,0)\n",
    { display: 1 },
    "permission_missing",
  ],
  ["could not create image from window\n", { window: 7 }, "not_found"],
  ["screencapture: invalid display specified\n", { display: 9 }, "not_found"],
  ["", { display: 1 }, "failed"],
])("screencapture's %j with %j is %s", (stderr, target, code) => {
  const result = { exit_code: 1, signal: null, stdout: "", stderr, truncated: false, timed_out: false };
  const failure = whyNot(result, target);
  expect(failure.code).toBe(code);
  if (code === "permission_missing")
    expect(failure.message).toContain("System Settings → Privacy & Security");
});
