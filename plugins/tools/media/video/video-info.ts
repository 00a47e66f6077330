// What is told of a film or a recording, whoever has read it.

export type VideoStream = {
  codec: string;
  width?: number;
  height?: number;
  frame_rate?: number;
  /** Bits a second. */
  bit_rate?: number;
  /** Degrees by which a player turns it. */
  rotation?: number;
};
export type AudioStream = {
  codec: string;
  channels?: number;
  /** Hertz. */
  sample_rate?: number;
  bit_rate?: number;
  language?: string;
};
export type VideoInfo = {
  /** E.g. `MPEG-4`, `matroska,webm`. */
  container: string;
  duration_seconds: number | null;
  /** Of all streams together, bits a second. */
  bit_rate: number | null;
  video: VideoStream[];
  audio: AudioStream[];
  subtitles: number;
};

/** Streams of a kind that are told; a damaged file may claim thousands. */
export const MOST_STREAMS = 50;

/** A number that means something, from what programs print; undefined for all else. */
export function positive(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number > 0 ? number : undefined;
}

/** The fields that are known. */
export function known<Fields extends Record<string, unknown>>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };
}

export const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

/** The mean over the whole file, where nothing else says it. */
export function meanBitRate(bytes: number, seconds: number | null): number | null {
  return seconds !== null && seconds > 0 ? Math.round((bytes * 8) / seconds) : null;
}
