// get_video_info: how long a film is and how it is encoded.
import { z } from "zod";
import { fileResult } from "../../../lib/files/file-problem.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { pathArgument } from "../files/workspace/arguments.ts";
import { openFile } from "../files/workspace/open-file.ts";
import { readVideo } from "./video/read-video.ts";

export default defineTool({
  name: "get_video_info",
  description:
    "Tells of a video or audio file: duration in seconds, container, size in bytes, bit rate in bits a second, and of each stream codec, size in pixels, frame rate, channels, sample rate. `null` is what the file does not say. Only its headers are read.",
  category: "media",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({ path: pathArgument("The video or audio file") }),
  execute: ({ path }, context) =>
    fileResult(path, async () => {
      await using file = await openFile(context, path);
      return { path: file.path, ...(await readVideo(context, file)) };
    }),
});
