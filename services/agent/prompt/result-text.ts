// Long texts in the context: bounded, head and tail kept, so that the end of a log survives.
import type { ToolResult } from "../../../contracts/tools.ts";
import { headOf, tailOf } from "../../../lib/cut-text.ts";

/** Characters of one result that go into the model's context and into the history. The run's steps keep the whole. */
const MAX_RESULT = 16_000;

/**
 * A tool's result as the text the model and the history get. Of pictures it says only that there were some.
 * @param areShown the model sees the pictures beside the text
 */
export function resultText(
  result: ToolResult | null,
  max: number = MAX_RESULT,
  areShown: boolean = false,
): string {
  const { images, ...told } = result ?? { ok: false };
  if (!images) return cutMiddle(JSON.stringify(told), max);
  const words = areShown ? `${images.length}, shown with this result` : NOT_SHOWN;
  // First, so that no cut takes it away.
  return cutMiddle(JSON.stringify({ images: words, ...told }), max);
}

const NOT_SHOWN = "not shown here any more: call the tool again to see how it is now";

/** Keeps the head and the tail of a text that is longer than `max` characters and says how much was cut. */
export function cutMiddle(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = headOf(text, Math.floor(max * 0.7));
  const tail = tailOf(text, max - Math.floor(max * 0.7));
  return `${head}\n… ${text.length - head.length - tail.length} characters cut …\n${tail}`;
}

/** Arguments of an earlier call; long ones (a file that was written) become another valid object that says so. */
export function argumentText(text: string, max: number): string {
  return text.length <= max ? text : JSON.stringify({ left_out: cutMiddle(text, max) });
}
