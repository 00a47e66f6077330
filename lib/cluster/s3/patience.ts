// Ends a request in which nothing happens any more. The client library has an end for the answer's beginning only.

export type Patience = { signal: AbortSignal /** Something came or went. */; touch(): void; end(): void };

export function patience(ms: number, closing: AbortSignal): Patience {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  return {
    signal: AbortSignal.any([controller.signal, closing]),
    touch: () => void timer.refresh(),
    end: () => clearTimeout(timer),
  };
}
