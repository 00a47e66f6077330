// Films by ffprobe (https://ffmpeg.org/ffprobe.html), where it is installed.
import { known, MOST_STREAMS, positive, rounded, type VideoInfo } from "./video-info.ts";

/** Formats that hold what they are. Playlists and the like lead ffprobe to other files and addresses, so they are left out. */
const FORMATS =
  "mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,wav,w64,mp3,aac,ac3,eac3,flac,aiff,caf,amr,rm,mxf,gif,h264,hevc,ivf,dv,nut,m4v";

/** @param path absolute */
export const ffprobeCommand = (path: string): string[] => [
  "ffprobe",
  ...["-v", "error", "-print_format", "json", "-show_format", "-show_streams"],
  ...["-protocol_whitelist", "file", "-format_whitelist", FORMATS],
  ...["-i", `file:${path}`],
];

type Fields = Record<string, unknown>;

/** What it prints as JSON; undefined when that tells of no stream. */
export function parseFfprobe(text: string): VideoInfo | undefined {
  const { format = {}, streams = [] } = parsed(text);
  const all = Array.isArray(streams) ? (streams as Fields[]) : [];
  const ofType = (type: string) => all.filter(({ codec_type }) => codec_type === type);
  const { format_name, duration, bit_rate } = format as Fields;
  if (typeof format_name !== "string" || all.length === 0) return undefined;
  const seconds = positive(duration) ?? Math.max(0, ...all.map((stream) => positive(stream.duration) ?? 0));
  return {
    container: format_name,
    duration_seconds: seconds > 0 ? rounded(seconds, 3) : null,
    bit_rate: positive(bit_rate) ?? null,
    // A cover of an album is a picture, no film.
    video: ofType("video").filter(isFilm).slice(0, MOST_STREAMS).map(videoOf),
    audio: ofType("audio").slice(0, MOST_STREAMS).map(audioOf),
    subtitles: ofType("subtitle").length,
  };
}

function parsed(text: string): Fields {
  try {
    return (JSON.parse(text) ?? {}) as Fields;
  } catch {
    return {};
  }
}

const isFilm = ({ disposition }: Fields) => (disposition as Fields | undefined)?.attached_pic !== 1;
const codecOf = ({ codec_name }: Fields) => (typeof codec_name === "string" ? codec_name : "unknown");

function videoOf(stream: Fields): VideoInfo["video"][number] {
  return {
    codec: codecOf(stream),
    ...known({
      width: positive(stream.width),
      height: positive(stream.height),
      frame_rate: rateOf(stream.avg_frame_rate) ?? rateOf(stream.r_frame_rate),
      bit_rate: positive(stream.bit_rate),
      rotation: rotationOf(stream),
    }),
  };
}

function audioOf(stream: Fields): VideoInfo["audio"][number] {
  const { language } = (stream.tags ?? {}) as Fields;
  return {
    codec: codecOf(stream),
    ...known({
      channels: positive(stream.channels),
      sample_rate: positive(stream.sample_rate),
      bit_rate: positive(stream.bit_rate),
      language: typeof language === "string" && language !== "und" ? language.slice(0, 20) : undefined,
    }),
  };
}

/** `30000/1001`. */
function rateOf(value: unknown): number | undefined {
  const [, count, seconds] = /^(\d+)\/(\d+)$/.exec(String(value)) ?? [];
  const rate = positive(Number(count) / Number(seconds));
  return rate === undefined ? undefined : rounded(rate, 3);
}

/** In `side_data_list` since version 5, in a tag before. */
function rotationOf(stream: Fields): number | undefined {
  const [matrix] = (Array.isArray(stream.side_data_list) ? (stream.side_data_list as Fields[]) : []).filter(
    ({ rotation }) => rotation !== undefined,
  );
  const turned = Number(matrix?.rotation ?? -Number((stream.tags as Fields | undefined)?.rotate ?? 0));
  return Number.isFinite(turned) && turned !== 0 ? (360 - turned) % 360 : undefined;
}
