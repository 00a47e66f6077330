// P4, the last part: what one prompt of 100,000 tokens does to the streams of the others.
import type { Bench } from "../measure/bench.ts";
import type { Load } from "../measure/load.ts";
import type { Product } from "../measure/product.ts";
import { type Row, row } from "../measure/row.ts";
import { writeScript } from "../measure/script.ts";

/** 100,000 tokens at about four characters each. */
const PROMPT = "A long prompt of many words. ".repeat(13_790);

/** Measures the same streams with and without the prompt, round by round. */
export async function disturbance(bench: Bench, product: Product, load: Load): Promise<Row> {
  const added: number[] = [];
  const notes: string[] = [];
  for (let round = 0; round < bench.options.rounds; round++) {
    const quiet = await bench.load.run(product, load);
    const prompts: Promise<string | undefined>[] = [];
    const disturbed = await bench.load.run(product, load, (edge) => {
      if (edge === "open") prompts.push(postLargePrompt(product));
    });
    notes.push(...(await Promise.all(prompts)).filter((fault) => fault !== undefined));
    added.push(Math.max(0, disturbed.gapMs.p99 - quiet.gapMs.p99));
    if (round === bench.options.rounds - 1)
      notes.push(
        `worst gap ${quiet.gapMs.max.toFixed(1)} ms without, ${disturbed.gapMs.max.toFixed(1)} ms with the prompt`,
      );
  }
  const what = "50 streams and one 100,000-token prompt: gap p99 grows by";
  return row({ goal: "P4", what, unit: "ms", ours: added, target: { atMost: 2 }, notes });
}

/** @returns what went wrong, in words */
async function postLargePrompt(product: Product): Promise<string | undefined> {
  const { bearers } = await product.target();
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${bearers.at(-1)}` };
  try {
    const message = `${PROMPT} ${writeScript({ tokens: 8, rate: 0, thinkMs: 0 })}`;
    const answer = await fetch(`${product.url}/api/v1/agent/chat/sync`, {
      method: "POST",
      headers,
      body: JSON.stringify({ message }),
    });
    const text = await answer.text();
    return answer.ok && text.includes('"completed"')
      ? undefined
      : `large prompt: ${answer.status} ${text.slice(0, 200)}`;
  } catch (error) {
    return `large prompt: ${String(error)}`;
  }
}
