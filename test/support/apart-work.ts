// A process for tests of lib/apart: does what it is told.
import { readFileSync, writeFileSync, writeSync } from "node:fs";
import { HandedFile } from "../../lib/apart/handed-file.ts";
import { FIRST_DESCRIPTOR, serveApart } from "../../lib/apart/serve-apart.ts";
import { ToolFailure } from "../../lib/tools/tool-failure.ts";

export type TestTask = { what: string; path?: string };

serveApart(async ({ what, path = "" }: TestTask) => {
  switch (what) {
    case "read":
      return new HandedFile("a").read(0, 100).toString();
    case "write":
      return writeSync(FIRST_DESCRIPTOR + 1, "written");
    case "environment":
      return process.env;
    case "open":
      return readFileSync(path, "utf8");
    case "create":
      return writeFileSync(path, "made");
    case "run":
      return (await import("node:child_process")).execFileSync("id").toString();
    case "fail":
      throw new ToolFailure("no_text", "It has no text.");
    case "break":
      throw new TypeError("x is not a function");
    case "exit":
      return process.exit(3);
    case "fill": {
      const held: string[][] = [];
      for (;;) held.push(Array.from({ length: 100_000 }, (_item, index) => `${held.length} ${index}`));
    }
    case "hoard": {
      const held: Buffer[] = [];
      for (;;) held.push(Buffer.alloc(10_000_000, held.length + 1));
    }
    default:
      for (;;);
  }
});
