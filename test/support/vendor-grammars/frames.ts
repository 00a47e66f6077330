// Server-sent events as they came, and how faults of their shape are told. Used by the grammars of the vendors' answers.
import { createParser } from "eventsource-parser";
import type { z } from "zod";
import type { Faults } from "./shared.ts";

export type Frame = { event: string | undefined; data: string };

export function framesOf(text: string): Frame[] {
  const frames: Frame[] = [];
  createParser({ onEvent: ({ event, data }) => frames.push({ event, data }) }).feed(text);
  return frames;
}

/** What of a value is not as documented; what is is returned. */
export function shaped<T extends z.ZodType>(
  schema: T,
  value: unknown,
  place: string,
  faults: Faults,
): z.output<T> | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues) faults.push(`${place}.${path.join(".")}: ${message}`);
  return undefined;
}

/** The value of a JSON text; undefined, and a fault, where it is none. */
export function jsonOf(text: string, place: string, faults: Faults): unknown {
  try {
    return JSON.parse(text);
  } catch {
    faults.push(`${place}: no JSON`);
    return undefined;
  }
}
