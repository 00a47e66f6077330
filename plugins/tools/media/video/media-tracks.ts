// Films by MediaInfo (https://mediaarea.net/MediaInfo), which knows nearly all formats: what its tracks mean.
import { known, MOST_STREAMS, positive, rounded, type VideoInfo } from "./video-info.ts";

/** A track as MediaInfo gives it; the fields that are read here. */
export type MediaTrack = { "@type": string } & Record<string, unknown>;

/** Undefined when it is no film and no recording. */
export function infoOfTracks(tracks: MediaTrack[]): VideoInfo | undefined {
  const ofType = (type: string) => tracks.filter((track) => track["@type"] === type);
  const [general] = ofType("General");
  const [films, sounds] = [ofType("Video"), ofType("Audio")];
  if (!general || films.length + sounds.length === 0) return undefined;
  const seconds = positive(general.Duration) ?? positive(films[0]?.Duration) ?? positive(sounds[0]?.Duration);
  return {
    container: wordOf(general.Format),
    duration_seconds: seconds === undefined ? null : rounded(seconds, 3),
    bit_rate: positive(general.OverallBitRate) ?? null,
    video: films.slice(0, MOST_STREAMS).map((track) => ({
      codec: wordOf(track.Format),
      ...known({
        width: positive(track.Width),
        height: positive(track.Height),
        frame_rate: positive(track.FrameRate),
        bit_rate: positive(track.BitRate),
        rotation: positive(track.Rotation),
      }),
    })),
    audio: sounds.slice(0, MOST_STREAMS).map((track) => ({
      codec: wordOf(track.Format),
      ...known({
        channels: positive(track.Channels),
        sample_rate: positive(track.SamplingRate),
        bit_rate: positive(track.BitRate),
        language: typeof track.Language === "string" ? track.Language.slice(0, 20) : undefined,
      }),
    })),
    subtitles: ofType("Text").length,
  };
}

const wordOf = (value: unknown) =>
  typeof value === "string" && value !== "" ? value.slice(0, 100) : "unknown";
