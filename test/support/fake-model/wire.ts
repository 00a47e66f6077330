// What a wire format gives the fake model: how to hear a request and how to say a turn.
import type { FakeTurn, Heard } from "./turn.ts";

/** `pieces` are what a turn's gates, delays and faults count. */
export type StreamFrames = { start: string; pieces: string[]; end: string };

export type Wire = {
  hear(body: unknown): Heard;
  stream(turn: FakeTurn): StreamFrames;
  whole(turn: FakeTurn): unknown;
};
