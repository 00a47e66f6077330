// get_video_info: headers of real formats, and what ffprobe and mdls print as text.
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { CommandResult } from "../../../../../contracts/tools.ts";
import { openFile } from "../../../../../plugins/tools/files/workspace/open-file.ts";
import tool from "../../../../../plugins/tools/media/get-video-info.ts";
import { ffprobeCommand, parseFfprobe } from "../../../../../plugins/tools/media/video/ffprobe.ts";
import { mdlsCommand, parseMdls } from "../../../../../plugins/tools/media/video/mdls.ts";
import { type ReadVideo, readVideo } from "../../../../../plugins/tools/media/video/read-video.ts";
import { runAsNode } from "../../../../support/run-as-node.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { makeMp4, makeWav, makeWebm } from "./make-films.ts";

const FFPROBE = JSON.stringify({
  streams: [
    {
      ...{
        index: 0,
        codec_name: "hevc",
        codec_type: "video",
        width: 1920,
        height: 1080,
        bit_rate: "8000000",
      },
      ...{
        r_frame_rate: "30/1",
        avg_frame_rate: "30000/1001",
        side_data_list: [{ side_data_type: "Display Matrix", rotation: -90 }],
      },
    },
    {
      ...{ index: 1, codec_name: "aac", codec_type: "audio", sample_rate: "44100", channels: 2 },
      ...{ bit_rate: "128000", tags: { language: "eng" } },
    },
    { index: 2, codec_name: "mjpeg", codec_type: "video", disposition: { attached_pic: 1 } },
    { index: 3, codec_name: "mov_text", codec_type: "subtitle" },
    { index: 4, codec_type: "data" },
  ],
  format: {
    format_name: "mov,mp4,m4a,3gp,3g2,mj2",
    duration: "12.345678",
    size: "1000",
    bit_rate: "8200000",
  },
});
/** macOS 14, a film of an iPhone. */
const MDLS = `kMDItemAudioChannelCount = 2
kMDItemAudioSampleRate   = 44100
kMDItemCodecs            = (
    HEVC,
    "MPEG-4 AAC"
)
kMDItemDurationSeconds   = 12.345
kMDItemKind              = "QuickTime-Film\\U00e9"
kMDItemPixelHeight       = 1080
kMDItemPixelWidth        = 1920
`;
/** macOS 12, on a volume that Spotlight does not index. */
const MDLS_UNKNOWN = `kMDItemCodecs          = (null)
kMDItemDurationSeconds = (null)
kMDItemKind            = (null)
`;

let context: TestContext;
beforeEach(async () => {
  context = await toolContext();
});
afterEach(() => context.remove());
const put = (name: string, bytes: Buffer | string) => writeFile(join(context.root, name), bytes);
/** A machine on which these programs print this, and others are not there. */
const machine = (programs: Record<string, string>) => {
  const argvs: string[][] = [];
  const run = async (argv: string[]): Promise<CommandResult> => {
    argvs.push(argv);
    const stdout = programs[argv[0] ?? ""];
    const exit_code = stdout === undefined ? 127 : 0;
    return { exit_code, signal: null, stdout: stdout ?? "", stderr: "", truncated: false, timed_out: false };
  };
  return { ...context, run, argvs };
};
async function read(name: string, programs: Record<string, string>, platform: NodeJS.Platform) {
  const { argvs, ...there } = machine(programs);
  await using file = await openFile(context, name);
  return { video: await readVideo(there, file, platform), argvs };
}

describe("a film", () => {
  test.each([
    [
      "film.mp4",
      makeMp4(),
      {
        container: "MPEG-4",
        duration_seconds: 2,
        video: [{ codec: "AVC", width: 640, height: 360, frame_rate: 25 }],
      },
    ],
    [
      "film.webm",
      makeWebm(),
      { container: "WebM", duration_seconds: 2, video: [{ codec: "VP9", width: 320, height: 240 }] },
    ],
    [
      "sound.wav",
      makeWav(3),
      {
        container: "Wave",
        duration_seconds: 3,
        video: [],
        audio: [{ codec: "PCM", channels: 1, sample_rate: 8_000, bit_rate: 128_000 }],
      },
    ],
  ])("%s tells how long it is and how it is encoded", async (name, bytes, told) => {
    await put(name, bytes);
    const { video } = await read(name, {}, "linux");
    expect(video).toMatchObject({ ...told, size_bytes: bytes.length, read_by: "mediainfo" });
    expect(video.bit_rate).toBeGreaterThan(0);
  });

  test("is asked about through the tool", async () => {
    await put("film.mp4", makeMp4());
    const { data } = await runAsNode<ReadVideo>(tool, { path: "film.mp4" }, context);
    expect(data).toMatchObject({ path: join(context.root, "film.mp4"), duration_seconds: 2 });
  });

  test("is left to ffprobe where that is installed, by the file that was opened", async () => {
    await put("film.mp4", makeMp4());
    const { video, argvs } = await read("film.mp4", { ffprobe: FFPROBE }, "linux");
    expect(video).toMatchObject({ read_by: "ffprobe", duration_seconds: 12.346 });
    expect(argvs[0]?.at(-1)).toMatch(/^file:\/proc\/\d+\/fd\/\d+$/);
  });

  test("is left to Spotlight on macOS where nothing else can read it", async () => {
    await put("film.mov", "a format of tomorrow");
    const { video } = await read("film.mov", { "/usr/bin/mdls": MDLS }, "darwin");
    expect(video).toMatchObject({ read_by: "spotlight", bit_rate: Math.round((20 * 8) / 12.345) });
    await expect(read("film.mov", { "/usr/bin/mdls": MDLS_UNKNOWN }, "darwin")).rejects.toMatchObject({
      code: "unsupported",
    });
  });
});

describe("what is no film", () => {
  test.each([
    ["a text", Buffer.from("hello")],
    ["nothing", Buffer.alloc(0)],
    ["random bytes", Buffer.from(Array.from({ length: 5_000 }, (_byte, index) => (index * 7919) % 251))],
    ["a film that is cut in its header", makeMp4().subarray(0, 60)],
    ["a box that says it is endless", Buffer.from("000000ffffffffffmoov", "latin1")],
  ])("%s is refused", async (_words, bytes) => {
    await put("a.mp4", bytes);
    expect((await runAsNode(tool, { path: "a.mp4" }, context)).code).toBe("unsupported");
  });

  test("G27 is a link out of the roots, or a folder", async () => {
    await symlink("/etc/passwd", join(context.root, "a.mp4"));
    expect((await runAsNode(tool, { path: "a.mp4" }, context)).code).toBe("not_allowed");
    expect((await runAsNode(tool, { path: "../a.mp4" }, context)).code).toBe("not_allowed");
  });

  test("ends with the call", async () => {
    await put("film.mp4", makeMp4());
    context.abort();
    expect((await runAsNode(tool, { path: "film.mp4" }, context)).code).toBe("cancelled");
  });
});

describe("ffprobe", () => {
  test("is told which formats and protocols there are: playlists lead elsewhere", () => {
    const argv = ffprobeCommand("/films/-a b.mp4");
    expect(argv.at(-1)).toBe("file:/films/-a b.mp4");
    expect(argv[argv.indexOf("-protocol_whitelist") + 1]).toBe("file");
    const formats = argv[argv.indexOf("-format_whitelist") + 1]?.split(",") ?? [];
    expect(formats).toContain("mov");
    for (const format of ["hls", "concat", "dash", "sdp", "image2"]) expect(formats).not.toContain(format);
  });

  test("is read stream by stream, without covers", () => {
    expect(parseFfprobe(FFPROBE)).toEqual({
      container: "mov,mp4,m4a,3gp,3g2,mj2",
      duration_seconds: 12.346,
      bit_rate: 8_200_000,
      video: [
        { codec: "hevc", width: 1920, height: 1080, frame_rate: 29.97, bit_rate: 8_000_000, rotation: 90 },
      ],
      audio: [{ codec: "aac", channels: 2, sample_rate: 44_100, bit_rate: 128_000, language: "eng" }],
      subtitles: 1,
    });
  });

  test("of an older version says by a tag how a film is turned", () => {
    const stream = { codec_type: "video", codec_name: "h264", avg_frame_rate: "0/0", tags: { rotate: "90" } };
    const text = JSON.stringify({ streams: [stream], format: { format_name: "avi" } });
    expect(parseFfprobe(text)).toMatchObject({
      duration_seconds: null,
      bit_rate: null,
      video: [{ codec: "h264", rotation: 90 }],
    });
  });

  test.each(["", "{", "null", "[]", '{"streams":[],"format":{"format_name":"x"}}', '{"streams":5}'])(
    "that prints %j tells nothing",
    (text) => expect(parseFfprobe(text)).toBeUndefined(),
  );
});

describe("mdls", () => {
  test("is asked by the path as an argument of its own", () => {
    expect(mdlsCommand("/films/a b.mov").slice(0, 3)).toEqual([
      "/usr/bin/mdls",
      "-name",
      "kMDItemDurationSeconds",
    ]);
    expect(mdlsCommand("/films/a b.mov").at(-1)).toBe("/films/a b.mov");
  });

  test("tells codecs, which are films and which are sound", () => {
    expect(parseMdls(MDLS)).toEqual({
      container: "QuickTime-Filmé",
      duration_seconds: 12.345,
      bit_rate: null,
      video: [{ codec: "HEVC", width: 1920, height: 1080 }],
      audio: [{ codec: "MPEG-4 AAC", channels: 2, sample_rate: 44_100 }],
      subtitles: 0,
    });
  });

  test("that knows nothing tells nothing", () => {
    expect(parseMdls(MDLS_UNKNOWN)).toBeUndefined();
    expect(parseMdls("/a.mov: could not find /a.mov.\n")).toBeUndefined();
  });
});
