// Started by read-video.ts: reads the headers of one film with MediaInfo, which is compiled to WebAssembly.
import { HandedFile } from "../../../../lib/apart/handed-file.ts";
import { serveApart } from "../../../../lib/apart/serve-apart.ts";
import { infoOfTracks, type MediaTrack } from "./media-tracks.ts";
import type { VideoInfo } from "./video-info.ts";

/** Of a file in which it finds no end of headers. */
const MOST_READ = 500_000_000;

serveApart(async ({ name }: { name: string }): Promise<VideoInfo | undefined> => {
  const file = new HandedFile(name);
  const { default: mediaInfoFactory } = await import("mediainfo.js");
  const mediaInfo = await mediaInfoFactory({ format: "object", chunkSize: 262_144 });
  let left = MOST_READ;
  const { media } = await mediaInfo.analyzeData(file.size, (length, offset) => {
    left -= length;
    return left < 0 ? new Uint8Array() : file.read(offset, length);
  });
  return infoOfTracks((media?.track ?? []) as unknown as MediaTrack[]);
});
