// The command line of `npm start`: settings are environment variables, so there is little of it.
import type { ServerOptions } from "../edge/server-options.ts";
import { parseOptions } from "../terminal/parse-options.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";

const OPTIONS = {
  repl: { type: "boolean" },
  "with-nats": { type: "boolean" },
  "nats-listen": { type: "string" },
  "nats-tls-cert": { type: "string" },
  "nats-tls-key": { type: "string" },
  "nats-websocket": { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

type Values = { "with-nats"?: boolean } & Partial<
  Record<"nats-listen" | "nats-tls-cert" | "nats-tls-key" | "nats-websocket", string>
>;

export type StartArguments = {
  repl: boolean;
  help: boolean;
  version: boolean;
  /** How nats-server is to run beside it; undefined for none. */
  nats: ServerOptions | undefined;
};

/** @throws Error in words: what is not understood must not start a server as if it were not there */
export function readArguments(argv: string[], texts: Texts = textsFor("en")): StartArguments {
  const { values, positionals } = parseOptions(argv, OPTIONS, texts, texts.start.badOption);
  if (positionals[0] !== undefined) throw new Error(texts.start.noArguments(positionals[0]));
  const { repl = false, help = false, version = false } = values;
  return { repl, help, version, nats: natsOptionsIn(values, texts) };
}

function natsOptionsIn(values: Values, { edge }: Texts): ServerOptions | undefined {
  if (values["with-nats"])
    return {
      listen: values["nats-listen"],
      cert: values["nats-tls-cert"],
      key: values["nats-tls-key"],
      webSocket: values["nats-websocket"],
    };
  const stray = Object.keys(values).find((name) => name.startsWith("nats-"));
  if (stray !== undefined) throw new Error(edge.withNatsOnly(`--${stray}`));
  return undefined;
}
