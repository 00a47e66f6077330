// A picture of the Mac's screen or of one window (screencapture(1)), made small enough for a model (sips(1)). Both work on files in a
// folder that only this user can read, gone afterwards.
import { mkdtemp, open, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandResult, ToolContext } from "../../../../contracts/tools.ts";
import { headOf } from "../../../../lib/cut-text.ts";
import { imageTypeOf, MOST_IMAGE_BYTES } from "../../../../lib/tools/images.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { HEADER_BYTES, type PixelSize, pngSize } from "./png-size.ts";

type CaptureContext = Pick<ToolContext, "run" | "home" | "signal">;
/** A display by its number, 1 the main one; or a window by its id. */
export type Target = { display: number } | { window: number };
export type Picture = PixelSize & { jpeg: Buffer };

const LIMIT_MS = 20_000;
/** Longest side and quality of JPEG: what vendors look at, then less, until it is small enough. */
const FORMS = [
  { side: 1_568, quality: 80 },
  { side: 1_568, quality: 50 },
  { side: 1_024, quality: 50 },
];

/** @throws ToolFailure `permission_missing`, `not_found` for a display or window that is not there, `failed` */
export async function capture(context: CaptureContext, target: Target): Promise<Picture> {
  const folder = await mkdtemp(join(tmpdir(), "macjarvis-screen-"));
  try {
    const shot = join(folder, "shot.png");
    const what = "display" in target ? ["-D", String(target.display)] : ["-o", "-l", String(target.window)];
    const argv = ["/usr/sbin/screencapture", "-x", "-t", "png", ...what, shot];
    const result = await context.run(argv, { cwd: context.home, timeoutMs: LIMIT_MS });
    context.signal.throwIfAborted();
    const size = await sizeOf(shot);
    if (result.exit_code !== 0 || !size) throw whyNot(result, target);
    return await shrink(context, { shot, folder, size });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sizeOf(path: string): Promise<PixelSize | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  await using held = file;
  const { buffer, bytesRead } = await held.read(Buffer.alloc(HEADER_BYTES), { position: 0 });
  return pngSize(buffer.subarray(0, bytesRead));
}

type Shot = { shot: string; folder: string; size: PixelSize };

async function shrink(context: CaptureContext, { shot, folder, size }: Shot): Promise<Picture> {
  for (const { side, quality } of FORMS) {
    const small = join(folder, "small.jpg");
    // sips makes what is smaller larger.
    const fitted = Math.max(size.width, size.height) > side ? ["-Z", String(side)] : [];
    const format = ["-s", "format", "jpeg", "-s", "formatOptions", String(quality)];
    const argv = ["/usr/bin/sips", ...fitted, ...format, shot, "--out", small];
    const { exit_code, stderr } = await context.run(argv, { cwd: context.home, timeoutMs: LIMIT_MS });
    context.signal.throwIfAborted();
    const bytes = exit_code === 0 ? await stat(small).catch(() => undefined) : undefined;
    if (!bytes)
      throw new ToolFailure("failed", `The picture could not be made smaller: ${headOf(stderr.trim(), 300)}`);
    if (bytes.size > MOST_IMAGE_BYTES) continue;
    const jpeg = await readFile(small);
    if (imageTypeOf(jpeg) !== "image/jpeg") throw new ToolFailure("failed", "sips gave no JPEG.");
    const scale = Math.min(1, side / Math.max(size.width, size.height));
    return { width: Math.round(size.width * scale), height: Math.round(size.height * scale), jpeg };
  }
  throw new ToolFailure("failed", "The picture is too large, however small it is made.");
}

export const PERMISSION =
  "Allow it in System Settings → Privacy & Security → Screen & System Audio Recording (before macOS 15: Screen Recording), for the program that started MacJarvis, and start that anew.";

/** What screencapture says: it means a missing permission by "could not create image", and also where nobody is logged in. */
export function whyNot({ stderr, timed_out }: CommandResult, target: Target): ToolFailure {
  const said = headOf(stderr.trim(), 300);
  if (timed_out) return new ToolFailure("timeout", "The screen was not captured in time.");
  if (/could not create image from window|invalid window/i.test(stderr) && "window" in target)
    return new ToolFailure(
      "not_found",
      `The window ${target.window} cannot be captured: it is gone, or macOS does not let MacJarvis see it. ${PERMISSION} (${said})`,
    );
  if (/could not create image|not authori[sz]ed|declined/i.test(stderr))
    return new ToolFailure(
      "permission_missing",
      `macOS does not let MacJarvis see the screen, or nobody is logged in at it. ${PERMISSION} (${said})`,
    );
  if (/display/i.test(stderr) && "display" in target)
    return new ToolFailure("not_found", `There is no display ${target.display}: ${said}`);
  return new ToolFailure("failed", said === "" ? "screencapture gave no picture." : `screencapture: ${said}`);
}
