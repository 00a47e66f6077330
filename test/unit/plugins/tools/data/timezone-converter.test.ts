// timezone_converter: it gives the time, and says what clocks do that are put forward or back.
import { describe, expect, test } from "@jest/globals";
import { convertTime } from "../../../../../plugins/tools/data/time/convert-time.ts";
import tool from "../../../../../plugins/tools/data/timezone-converter.ts";
import { runAsNode } from "../../../../support/run-as-node.ts";
import { toolContext } from "../../../../support/tool-context.ts";

const HERE = { zone: "Europe/Berlin", now: Date.UTC(2026, 6, 1, 12) };
const convert = (timestamp: string | undefined, target: string) => convertTime(timestamp, target, HERE);
const timeOf = (timestamp: string | undefined, target: string) => convert(timestamp, target).time;

describe("the time in another zone", () => {
  test("is told for now", () => {
    expect(convert(undefined, "Asia/Shanghai")).toEqual({
      timezone: "Asia/Shanghai",
      time: "2026-07-01T20:00:00+08:00",
      weekday: "Wednesday",
      name: "China Standard Time",
      utc_offset: "+08:00",
      daylight_saving: false,
      from: expect.objectContaining({ timezone: "Europe/Berlin", time: "2026-07-01T14:00:00+02:00" }),
      hours_ahead: 6,
      utc: "2026-07-01T12:00:00.000Z",
      unix: 1_782_907_200,
      notes: [],
    });
  });

  test("really is that of the machine's clock, through the tool", async () => {
    const context = await toolContext();
    await context.remove();
    const before = Math.floor(Date.now() / 1_000);
    const { data } = await runAsNode(tool, { target_timezone: "Asia/Tokyo" }, context);
    expect(Number(data.unix)).toBeGreaterThanOrEqual(before);
    expect(new Date(String(data.time)).getTime() / 1_000).toBeCloseTo(Number(data.unix), 2);
    const { code } = await runAsNode(tool, { target_timezone: "Mars/Base" }, context);
    expect(code).toBe("unknown_timezone");
  });

  test.each([
    ["2026-01-15T12:00Z", "America/New_York", "2026-01-15T07:00:00-05:00"],
    ["2026-07-15T12:00Z", "America/New_York", "2026-07-15T08:00:00-04:00"],
    ["2026-01-15 12:00:30.250+01:00", "Asia/Kolkata", "2026-01-15T16:30:30.250+05:30"],
    ["2026-01-15T12:00:00+01:00[Europe/Paris]", "utc", "2026-01-15T11:00:00+00:00"],
    ["2026-01-15T12:00 America/Los_Angeles", "+08:00", "2026-01-16T04:00:00+08:00"],
    ["2026-01-15T12:00[America/Los_Angeles]", "UTC+8", "2026-01-16T04:00:00+08:00"],
    ["2026-01-15T12:00 UTC+8", "GMT-3:30", "2026-01-15T00:30:00-03:30"],
    ["2026-01-15T24:00 UTC", "Z", "2026-01-16T00:00:00+00:00"],
    ["2024-02-29", "UTC", "2024-02-28T23:00:00+00:00"],
    ["1700000000", "asia/tokyo", "2023-11-15T07:13:20+09:00"],
    ["1700000000123", "UTC", "2023-11-14T22:13:20.123+00:00"],
    ["-1.5", "UTC", "1969-12-31T23:59:58.500+00:00"],
    ["1880-01-01T00:00Z", "Europe/Amsterdam", "1880-01-01T00:17:30+00:17:30"],
    ["0033-04-03T12:00Z", "UTC", "0033-04-03T12:00:00+00:00"],
    ["2026-01-15T12:00Z", "Asia/Kathmandu", "2026-01-15T17:45:00+05:45"],
    ["2026-01-15T12:00Z", "America/New York", "2026-01-15T07:00:00-05:00"],
  ])("of %s in %s is %s", (timestamp, target, time) => {
    expect(timeOf(timestamp, target)).toBe(time);
  });

  test("is taken on this machine's clocks where the text names no zone, and that is said", () => {
    const { from, notes } = convert("2026-01-15T12:00", "UTC");
    expect(from?.timezone).toBe("Europe/Berlin");
    expect(notes).toEqual([expect.stringContaining("Europe/Berlin")]);
  });
});

describe("clocks that are changed", () => {
  test("make a time that does not exist, which is told", () => {
    const { from, utc, notes } = convert("2026-03-08T02:30 America/New_York", "UTC");
    expect(from?.time).toBe("2026-03-08T03:30:00-04:00");
    expect(utc).toBe("2026-03-08T07:30:00.000Z");
    expect(notes[0]).toContain("there is no 02:30");
    expect(convert("2011-12-30T12:00 Pacific/Apia", "UTC").notes[0]).toContain("there is no 12:00");
  });

  test("make a time that comes twice, of which the first is taken", () => {
    const { utc, notes } = convert("2026-11-01T01:30 America/New_York", "UTC");
    expect(utc).toBe("2026-11-01T05:30:00.000Z");
    expect(notes[0]).toContain("comes twice");
    expect(notes[0]).toContain("-05:00");
    expect(convert("2026-11-01T01:30-05:00", "UTC").utc).toBe("2026-11-01T06:30:00.000Z");
  });

  test("say in the target which of the two it is", () => {
    expect(convert("2026-11-01T05:30Z", "America/New_York").notes[0]).toContain("the first one");
    expect(convert("2026-11-01T06:30Z", "America/New_York").notes[0]).toContain("the second one");
    expect(convert("2026-11-01T07:30Z", "America/New_York").notes).toEqual([]);
  });

  test("by half an hour are known too", () => {
    expect(convert("2026-04-05T01:45 Australia/Lord_Howe", "UTC").notes[0]).toContain("comes twice");
  });

  test("are told for both halves of the world", () => {
    const isSaving = (time: string, zone: string) => convert(time, zone).daylight_saving;
    expect(isSaving("2026-07-01T00:00Z", "Europe/Berlin")).toBe(true);
    expect(isSaving("2026-01-01T00:00Z", "Europe/Berlin")).toBe(false);
    expect(isSaving("2026-01-01T00:00Z", "Australia/Sydney")).toBe(true);
    expect(isSaving("2026-07-01T00:00Z", "Asia/Shanghai")).toBe(false);
  });
});

describe("what is not understood", () => {
  test.each([
    "tomorrow",
    "2026-02-30",
    "2026-13-01",
    "2026-01-01T25:00",
    "2026-01-01T24:30",
    "",
    "12:30",
    "1e400",
    "9".repeat(15),
  ])("%j as a time is refused with what to write", (timestamp) => {
    expect(() => convert(timestamp, "UTC")).toThrow(expect.objectContaining({ code: "invalid_timestamp" }));
  });

  test.each([
    ["CST", "America/Chicago, Asia/Shanghai"],
    ["pst", "America/Los_Angeles"],
    ["Beijing", "Asia/Shanghai"],
    ["北京", "Asia/Shanghai"],
    ["tokyo", "Asia/Tokyo"],
    ["Europe/Tokyo", "Asia/Tokyo"],
    ["EST5EDT", "IANA name"],
    ["../etc/passwd", "IANA name"],
    ["+25:00", "IANA name"],
  ])("%j as a zone is refused with what may be meant", (zone, meant) => {
    expect(() => convert("2026-01-01", zone)).toThrow(
      expect.objectContaining({ code: "unknown_timezone", message: expect.stringContaining(meant) }),
    );
  });

  test("are other arguments", () => {
    for (const args of [
      {},
      { target_timezone: "" },
      { target_timezone: "x".repeat(101) },
      { target_timezone: "UTC", timestamp: 5 },
      { target_timezone: "UTC", zone: "x" },
    ])
      expect(tool.parameters.safeParse(args).success).toBe(false);
  });
});
