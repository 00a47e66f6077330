// Films by what Spotlight knows of them (mdls(1)), on macOS, for files that nothing else can read.
import { known, positive, rounded, type VideoInfo } from "./video-info.ts";

const NAMES = [
  "DurationSeconds",
  "Codecs",
  "PixelWidth",
  "PixelHeight",
  "AudioChannelCount",
  "AudioSampleRate",
  "Kind",
];

/** @param path absolute */
export const mdlsCommand = (path: string): string[] => [
  "/usr/bin/mdls",
  ...NAMES.flatMap((name) => ["-name", `kMDItem${name}`]),
  path,
];

const AUDIO = /aac|mp3|mpeg.*layer|audio|pcm|alac|lossless|ac-3|opus|vorbis|flac/i;

/** What it prints; undefined where Spotlight does not know how long it is. Bit rates have no unit there, so none is taken. */
export function parseMdls(text: string): VideoInfo | undefined {
  const values = new Map<string, string>();
  for (const [, name = "", value = ""] of text.matchAll(/^kMDItem(\w+)\s*=\s*(\([^)]*\)|.*)$/gm))
    if (value !== "(null)") values.set(name, value);
  const seconds = positive(values.get("DurationSeconds"));
  if (seconds === undefined) return undefined;
  const codecs = (values.get("Codecs") ?? "")
    .replace(/^\(|\)$/g, "")
    .split(/,\s*\n|\n/)
    .map(unquoted)
    .filter((codec) => codec !== "");
  const size = {
    width: positive(values.get("PixelWidth")),
    height: positive(values.get("PixelHeight")),
  };
  const sound = {
    channels: positive(values.get("AudioChannelCount")),
    sample_rate: positive(values.get("AudioSampleRate")),
  };
  return {
    container: unquoted(values.get("Kind") ?? "unknown"),
    ...{ duration_seconds: rounded(seconds, 3), bit_rate: null, subtitles: 0 },
    video: codecs.filter((codec) => !AUDIO.test(codec)).map((codec) => ({ codec, ...known(size) })),
    audio: codecs.filter((codec) => AUDIO.test(codec)).map((codec) => ({ codec, ...known(sound) })),
  };
}

/** Quotes stand only round what is no plain word; other letters than ASCII are `\U00e9`. */
function unquoted(value: string): string {
  return value
    .trim()
    .replace(/^"|"$/g, "")
    .replace(/\\U([0-9a-f]{4})/gi, (_found, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
