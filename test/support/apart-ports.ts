// Stores without a common transaction, made of the embedded ones: every operation is its own commit, and one that was not awaited
// comes when it likes, before or after the next. What the cluster's stores do at their worst.
import type { EmbeddedPorts } from "../../lib/embedded/open-embedded-ports.ts";
import type { Moments } from "../../lib/ports/moments.ts";

const MOST_TURNS = 4;

/** @param random from 0 to 1 */
export function apart(ports: EmbeddedPorts, random: () => number): EmbeddedPorts {
  const moments: Moments = { run: (operations) => operations() };
  const late = <T extends object>(store: T): T =>
    new Proxy(store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function" || !WRITES.has(String(name))) return bound(value, target);
        return async (...given: unknown[]) => {
          for (let turns = Math.floor(random() * MOST_TURNS); turns > 0; turns -= 1)
            await new Promise((resolve) => setImmediate(resolve));
          return (value as (...all: unknown[]) => unknown).apply(target, given);
        };
      },
    });
  return new Proxy(ports, {
    get(target, name) {
      if (name === "moments") return moments;
      if (name === "audit") return late(target.audit);
      if (name === "documents") return (spec: never) => late(target.documents(spec));
      return bound(Reflect.get(target, name, target), target);
    },
  });
}

const WRITES = new Set(["insert", "compareAndSet", "remove", "append"]);

function bound(value: unknown, target: object): unknown {
  return typeof value === "function" ? value.bind(target) : value;
}
