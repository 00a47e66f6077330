// Structured logs: one pino logger for the process, Moleculer's included. Ids of request, run and call are fields; secrets
// and the texts of messages never are.
import type { ServiceBroker } from "moleculer";
import { type Logger, pino } from "pino";

export type Log = Logger;

/** Field names whose values are never written, wherever they stand two levels deep. */
const SECRET_FIELDS = [
  "password",
  "current_password",
  "access_token",
  "refresh_token",
  "authorization",
  "token",
  "secret",
  "key",
  "cookie",
];

/**
 * @param format `pretty` for people on a terminal, `json` for machines
 * @param descriptor where both go: standard output unless given
 * @param to where lines of JSON go instead
 * @param more fields of each line, as they are when it is written
 */
export async function openLog(
  level: string,
  format: "pretty" | "json",
  {
    descriptor,
    to,
    more,
  }: { descriptor?: number; to?: { write(line: string): void }; more?: () => object } = {},
): Promise<Log> {
  const options = {
    level,
    base: undefined,
    ...(more ? { mixin: more } : {}),
    redact: {
      paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: "[hidden]",
    },
  };
  if (to) return pino(options, to);
  if (format === "json")
    return descriptor === undefined ? pino(options) : pino(options, pino.destination(descriptor));
  const { default: pretty } = await import("pino-pretty");
  const words = { translateTime: "HH:MM:ss.l", singleLine: true, sync: true };
  return pino(options, pretty(descriptor === undefined ? words : { ...words, destination: descriptor }));
}

/** The logger of a service, with its name in every line. */
export function logOf(broker: ServiceBroker, service: string): Log {
  return broker.core.log.child({ service });
}
