// JPEG images by macOS' own command (sips(1)). It works on names, so it gets copies in a folder that only we may enter.
import { type FileHandle, mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ToolContext } from "../../../../contracts/tools.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import type { Encoded } from "./image-process.ts";

const SIPS = "/usr/bin/sips";
const PIECE = 1_048_576;

/** @throws ToolFailure `damaged`; AbortError on the signal */
export async function encodeBySips(
  { run, signal }: Pick<ToolContext, "run" | "signal">,
  { input, output, quality }: { input: FileHandle; output: FileHandle; quality: number },
): Promise<Encoded> {
  const folder = await mkdtemp(join(tmpdir(), "macjarvis-image-"));
  try {
    const [before, after] = [join(folder, "before.jpg"), join(folder, "after.jpg")];
    await copyTo(before, input, signal);
    const options = ["-s", "format", "jpeg", "-s", "formatOptions", String(quality)];
    const { stderr } = await run([SIPS, ...options, before, "--out", after]);
    signal.throwIfAborted();
    // It says by its exit code hardly ever that it failed.
    const made = await stat(after).catch(() => undefined);
    if (!made)
      throw new ToolFailure("damaged", `It cannot be read as JPEG: it is damaged (${reasonOf(stderr)}).`);
    const { stdout } = await run([SIPS, "-g", "pixelWidth", "-g", "pixelHeight", after]);
    const kept = made.size < (await input.stat()).size ? after : before;
    const bytes = await copyFrom(kept, output, signal);
    return { ...parseSize(stdout), bytes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyTo(path: string, input: FileHandle, signal: AbortSignal): Promise<void> {
  await using copy = await open(path, "wx", 0o600);
  await copyBytes(input, copy, signal);
}

async function copyFrom(path: string, output: FileHandle, signal: AbortSignal): Promise<number> {
  await using made = await open(path, "r");
  return await copyBytes(made, output, signal);
}

/** @returns how many */
async function copyBytes(from: FileHandle, to: FileHandle, signal: AbortSignal): Promise<number> {
  const buffer = Buffer.alloc(PIECE);
  for (let at = 0; ; ) {
    signal.throwIfAborted();
    const { bytesRead } = await from.read(buffer, 0, PIECE, at);
    if (bytesRead === 0) return at;
    await to.writeFile(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

/** What `sips -g pixelWidth -g pixelHeight` prints: the path, then a line for each. */
export function parseSize(text: string): { width: number; height: number } {
  const read = (name: string) => Number(new RegExp(`^\\s*${name}:\\s*(\\d+)`, "m").exec(text)?.[1] ?? 0);
  return { width: read("pixelWidth"), height: read("pixelHeight") };
}

/** Its last line, without paths. */
const reasonOf = (stderr: string) =>
  (stderr.trim().split("\n").at(-1) ?? "")
    .replace(/\S*\/\S+/g, "")
    .trim()
    .slice(0, 200) || "sips gave no picture";
