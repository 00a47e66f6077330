// Which exchanges of the history fit, and what a summary has to stand for. Pure.
import { estimateTokens } from "../../../plugins/models/estimate-tokens.ts";
import type { Summary } from "../run-document.ts";
import { type Exchange, type History, shortened } from "./exchanges.ts";

export type Fitted = {
  /** In the prompt, oldest first. */
  kept: Exchange[];
  /** Neither in the prompt nor in the summary yet, oldest first. */
  dropped: Exchange[];
  /** The summary belongs into the prompt. */
  isSummarised: boolean;
  /** Estimated tokens of what is kept and of the summary. */
  tokens: number;
};

/**
 * When something has to go, more goes than must: the next exchanges then fit without another summary, and the beginning of the
 * prompt, which providers cache, stays the same.
 */
const KEPT_SHARE = 0.6;

/** @param room tokens there are for the history */
export function fitHistory({ exchanges, isWhole }: History, summary: Summary | null, room: number): Fitted {
  const all = tokensOf(exchanges);
  if (all <= room && (isWhole || !summary))
    return { kept: exchanges, dropped: [], isSummarised: false, tokens: all };
  const summaryTokens = summary ? estimateTokens(summary.text) : 0;
  const space = Math.max(0, room - summaryTokens);
  const from = summary ? 1 + exchanges.findLastIndex(({ lastId }) => lastId === summary.until) : 0;
  const fresh = exchanges.slice(from);
  const kept = tokensOf(fresh) <= space && fresh.length > 0 ? fresh : newest(exchanges, space);
  const dropped = exchanges.slice(from, Math.max(from, exchanges.length - kept.length));
  return { kept, dropped, isSummarised: summary !== null, tokens: tokensOf(kept) + summaryTokens };
}

/** The newest that fit well; at least the last one, shortened when it must be: the previous answer is what people refer to. */
function newest(exchanges: Exchange[], space: number): Exchange[] {
  let tokens = 0;
  let from = exchanges.length;
  for (let next = from - 1; next >= 0; next -= 1) {
    tokens += exchanges[next]?.tokens ?? 0;
    if (tokens > space * KEPT_SHARE) break;
    from = next;
  }
  if (from < exchanges.length) return exchanges.slice(from);
  const last = exchanges.at(-1);
  if (!last) return [];
  const short = last.tokens <= space ? last : shortened(last, space);
  return short ? [short] : [];
}

function tokensOf(exchanges: Exchange[]): number {
  return exchanges.reduce((sum, { tokens }) => sum + tokens, 0);
}
