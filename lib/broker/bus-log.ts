// What Moleculer says, in our log.
import type { BrokerOptions } from "moleculer";
import type { Log } from "../log.ts";

/** The options of a broker by which it logs to ours. */
export function busLogger(log: Log): Pick<BrokerOptions, "logger" | "logLevel"> {
  return {
    logger: {
      type: "Pino",
      options: {
        createLogger: (level: string, { mod }: { mod: string }) =>
          busLog(log.child({ service: mod }, { level })),
      },
    } as NonNullable<BrokerOptions["logger"]>,
    // Its own chatter about services that come and go is for debugging.
    logLevel: log.level === "trace" || log.level === "debug" ? "info" : "warn",
  };
}

const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"] as const;
/** What `bin/start.ts` tells in words: why it could not start, and that it finishes what is under way. */
const SAID_ELSEWHERE = /^Unable to start all services|^Waiting for \d+ running context/;

/** Moleculer says (message, error) where pino wants (error, message). */
function busLog(log: Log): Record<(typeof LEVELS)[number], (...said: unknown[]) => void> {
  const entries = LEVELS.map((level) => {
    const say = (...said: unknown[]) => {
      if (SAID_ELSEWHERE.test(String(said[0]))) return;
      const error = said.find((part) => Error.isError(part));
      const words = said.filter((part) => typeof part === "string").join(" ");
      if (error) log[level]({ err: error }, words === "" ? error.message : words);
      else log[level](words);
    };
    return [level, say] as const;
  });
  return Object.fromEntries(entries) as ReturnType<typeof busLog>;
}
