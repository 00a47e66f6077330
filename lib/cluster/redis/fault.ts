// What ioredis and Redis say when something is wrong: in words for whoever runs the cluster, and what follows from it.
import { toError } from "../../errors.ts";
import { REFUSED_HOST } from "./client.ts";
import type { RedisUrl } from "./redis-url.ts";

/**
 * `gone`: the connection is of no use. `refuses`: the server answers, and takes no writes or nothing for now. `odd`: it does not
 * understand what it was asked, which is a defect of this program.
 */
export type Fault = { kind: "gone" | "refuses" | "odd"; reason: string; lasting?: boolean };

/** No answer in time. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

const OLDEST = 6;

/** Until somebody changes something, which is said even though it is known that Redis is away. */
const lasting = (reason: string): Fault => ({ kind: "gone", reason, lasting: true });
const gone = (reason: string): Fault => ({ kind: "gone", reason });
const PART_OF_CLUSTER = lasting(
  "it is part of a cluster: REDIS_URL starts with redis+cluster:// or rediss+cluster:// for that",
);
const refuses = (reason: string): Fault => ({ kind: "refuses", reason });

/** By what stands in the message. The first that fits counts: errors of scripts and of Sentinels quote others. */
const FAULTS: [RegExp, Fault][] = [
  [
    new RegExp(REFUSED_HOST.replaceAll(".", "\\.")),
    lasting("it names a server that is not this machine, and without TLS none is connected (rediss…)"),
  ],
  [/WRONGPASS|invalid password/i, lasting("it refuses the user or the password of REDIS_URL")],
  [/NOAUTH/, lasting("it wants a password, and REDIS_URL has none (redis://:password@host)")],
  [
    /NOPERM/,
    { kind: "odd", reason: "the user of REDIS_URL may not do all that is needed (ACL)", lasting: true },
  ],
  [
    /DB index|SELECT is not allowed/i,
    lasting("it does not have the database whose number REDIS_URL ends with"),
  ],
  [
    /Protocol error|Got .* as reply type byte/i,
    lasting("what listens there does not speak as Redis does: look at host and port of REDIS_URL"),
  ],
  [
    /cluster support disabled/i,
    lasting("it is a single server: REDIS_URL starts with redis:// for that, not with redis+cluster://"),
  ],
  [/\bMOVED \d/, PART_OF_CLUSTER],
  [
    /unknown command [`'"]?sentinel/i,
    lasting("it is no Sentinel: REDIS_URL starts with redis:// for a server"),
  ],
  [
    /certificate|self.signed|SSL routines|wrong version number|packet length too long|ERR_TLS/i,
    lasting("TLS to it does not work (its certificate, or it listens without TLS)"),
  ],
  [/READONLY/, gone("it can only be read (a replica)")],
  [/\bOOM\b/, refuses("its memory is full (maxmemory), it takes nothing new")],
  [/MISCONF/, refuses("it cannot save to its disk and takes nothing new")],
  [/NOREPLICAS/, refuses("it has too few replicas and takes nothing new")],
  [/LOADING/, refuses("it still loads its data")],
  [/MASTERDOWN|CLUSTERDOWN|TRYAGAIN/, refuses("a part of it is down")],
  [/BUSY\b/, refuses("it is busy with a script")],
  [/max number of clients/i, gone("it has too many clients (maxclients)")],
  [/ECONNREFUSED/, gone("nobody listens there")],
  [/ENOTFOUND|EAI_AGAIN/, gone("its name is not known (DNS)")],
  [/EHOSTUNREACH|ENETUNREACH/, gone("there is no way to it (network)")],
  [/ETIMEDOUT|timed out|timeout/i, gone("it does not answer")],
  [
    /connection is closed|closed|ECONNRESET|EPIPE|isn't writeable|retries per request|isn't ready|ended/i,
    gone("the connection was cut"),
  ],
];

export function faultOf(thrown: unknown): Fault {
  if (thrown instanceof NoAnswer) return gone("it does not answer");
  const error = toError(thrown);
  const text = textOf(error);
  const known = FAULTS.find(([pattern]) => pattern.test(text));
  if (known) return known[1];
  return error.name === "ReplyError" ? { kind: "odd", reason: shortened(text) } : gone(shortened(text));
}

/** What keeps a server from being used, by its reply to INFO; what is not in that is taken to be well. */
export function unfitness(info: string, kind: RedisUrl["kind"]): Fault | undefined {
  const field = (name: string) => new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1];
  const version = field("redis_version");
  if (version && Number.parseInt(version, 10) < OLDEST)
    return lasting(`it is version ${version}, and ${OLDEST} is the oldest that can be used`);
  if (kind === "cluster") return undefined;
  if (field("cluster_enabled") === "1") return PART_OF_CLUSTER;
  if (field("redis_mode") === "sentinel")
    return lasting("it is a Sentinel: REDIS_URL starts with redis+sentinel:// for that");
  if (field("role") === "slave")
    return lasting("it is a replica, which can only be read: REDIS_URL names the master, or the Sentinels");
  return undefined;
}

/** Of a cluster the error of its last node says more than that all have failed. */
function textOf(error: Error & { code?: unknown; lastNodeError?: unknown }): string {
  const node = error.lastNodeError;
  const own = `${String(error.code ?? "")} ${error.message}`.trim();
  return Error.isError(node) ? `${textOf(node)} ${own}` : own;
}

/** A stranger's words may be long and have line breaks in them. */
const shortened = (text: string): string => text.replaceAll(/\s+/g, " ").slice(0, 200);
