// Who reads a film: ffprobe where it is installed, else MediaInfo, and on macOS Spotlight for what that does not know.
import type { ToolContext } from "../../../../contracts/tools.ts";
import { runApart } from "../../../../lib/apart/run-apart.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import type { OpenFile } from "../../files/workspace/open-file.ts";
import { ffprobeCommand, parseFfprobe } from "./ffprobe.ts";
import { mdlsCommand, parseMdls } from "./mdls.ts";
import { meanBitRate, type VideoInfo } from "./video-info.ts";

export type ReadVideo = VideoInfo & { size_bytes: number; read_by: "ffprobe" | "mediainfo" | "spotlight" };
type Context = Pick<ToolContext, "run" | "signal" | "deadlineAt">;

const MODULE = new URL("./video-process.ts", import.meta.url);
const COMMAND_TIMEOUT_MS = 20_000;

/** @throws ToolFailure `unsupported` when it is no film and no recording; AbortError on the signal */
export async function readVideo(
  context: Context,
  file: OpenFile,
  platform: NodeJS.Platform = process.platform,
): Promise<ReadVideo> {
  const readers: [ReadVideo["read_by"], () => Promise<VideoInfo | undefined>][] = [
    ["ffprobe", () => byCommand(context, ffprobeCommand(nameFor(file, platform)), parseFfprobe)],
    ["mediainfo", () => byMediaInfo(context, file)],
  ];
  if (platform === "darwin")
    readers.push(["spotlight", () => byCommand(context, mdlsCommand(file.path), parseMdls)]);
  for (const [read_by, read] of readers) {
    const info = await read();
    context.signal.throwIfAborted();
    if (!info) continue;
    const bit_rate = info.bit_rate ?? meanBitRate(file.stats.size, info.duration_seconds);
    return { ...info, bit_rate, size_bytes: file.stats.size, read_by };
  }
  throw new ToolFailure("unsupported", "It is no video or audio file that can be read, or it is damaged.");
}

/** The file that was opened and checked, where the system has a name for that. */
function nameFor(file: OpenFile, platform: NodeJS.Platform): string {
  return platform === "linux" ? `/proc/${process.pid}/fd/${file.handle.fd}` : file.path;
}

/** Undefined too where the command is not installed. */
async function byCommand(
  { run }: Context,
  argv: string[],
  parse: (text: string) => VideoInfo | undefined,
): Promise<VideoInfo | undefined> {
  const { exit_code, stdout } = await run(argv, { timeoutMs: COMMAND_TIMEOUT_MS });
  return exit_code === 0 ? parse(stdout) : undefined;
}

async function byMediaInfo({ signal, deadlineAt }: Context, file: OpenFile): Promise<VideoInfo | undefined> {
  const task = { name: file.path };
  try {
    const descriptors = [file.handle.fd];
    return await runApart<VideoInfo | undefined>({ module: MODULE, task, descriptors, signal, deadlineAt });
  } catch (error: unknown) {
    // Somebody else may read what it stumbles over.
    if (error instanceof ToolFailure && error.code === "damaged") return undefined;
    throw error;
  }
}
