// The one reader of the environment: a schema parsed once at start, every fault reported together in words to act on.
import ipaddr from "ipaddr.js";
import { z } from "zod";
import type { ClusterUrls } from "./cluster/cluster-urls.ts";
import { clusterFaults, clusterOf, SERVICES } from "./env/cluster.ts";
import { EDGE_VARIABLES, edgeFaults } from "./env/edge.ts";
import {
  cleanValues,
  type NamedServer,
  readServers,
  SERVER_VARIABLES,
  shownValue,
} from "./env/model-servers.ts";
import { withProxies } from "./env/proxies.ts";
import { TRACING_VARIABLES, type TracingSettings, tracingSettings } from "./env/tracing.ts";
import { folderOf, USUAL_HOME, USUAL_NODE_HOME } from "./home-folder.ts";
import { isLoopback } from "./net/is-loopback.ts";

export { isLoopback };

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);
const listOf = (pattern: RegExp, error: string) => list.pipe(z.array(z.string().regex(pattern, error)));
const url = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" });
const folder = z.string().min(1).transform(folderOf);
const MODEL = /^[^/\s]+\/\S+$/;
const MODEL_FAULT = "must be provider/model, e.g. openai/gpt-4o-mini";
/** What fits into a header. */
const KEY = z.string().regex(/^[\x21-\x7e]*$/, "has a character that no key has");
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/\s?#]+$/;

function whole(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, error)
    .transform(Number)
    .pipe(z.number().min(least, error).max(most, error));
}

const USUAL_LOAD_S = 180;
/** Timers take 31 bits of milliseconds; one that is longer would ring at once. */
const MOST_SECONDS = 2_000_000;

function someSeconds() {
  const error = `must be a number of seconds above 0, at most ${MOST_SECONDS}`;
  return z
    .string()
    .regex(/^\d{1,9}(\.\d+)?$/, error)
    .transform(Number)
    .pipe(z.number().positive(error).max(MOST_SECONDS, error));
}
const seconds = (fallback: number) => someSeconds().default(fallback);
const optionalSeconds = () => someSeconds().optional();

function oneOf<const Words extends readonly [string, ...string[]]>(...words: Words) {
  return z.enum(words, { error: `must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}` });
}

function addresses() {
  const error = "must be addresses or CIDR blocks, e.g. 10.0.0.0/8";
  return list.pipe(z.array(z.string().refine(isAddressOrBlock, error))).default([]);
}

const NO_SUCH_SERVICE = `names a service that there is not. There are: ${SERVICES.join(",")}`;

/** Every variable there is: what it means is in its description, from which `docs/config.md` is made. */
export const ENVIRONMENT = {
  HOST: z
    .string()
    .transform((host) => host.replace(/^\[(.*)\]$/, "$1"))
    .default("127.0.0.1")
    .describe("address the gateway listens on"),
  PORT: whole(0, 65_535).default(3000).describe("port of the gateway; 0 picks a free one and prints it"),
  MACJARVIS_HOME: folder
    .default(USUAL_HOME)
    .describe("data folder (mode 0700); keys and tokens in it are mode 0600"),
  OPENAI_API_KEY: KEY.optional().describe(
    "key of an OpenAI-compatible server; may be absent when the base URL is set",
  ),
  OPENAI_BASE_URL: url.optional().describe("any OpenAI-compatible server: Ollama, vLLM, OpenRouter …"),
  ANTHROPIC_API_KEY: KEY.optional().describe("key of Anthropic"),
  ANTHROPIC_BASE_URL: url.optional().describe("another server that speaks Anthropic's wire format"),
  GEMINI_API_KEY: KEY.optional().describe("key of Google"),
  GEMINI_BASE_URL: url.optional().describe("another server for Google's models"),
  SEARXNG_URL: url
    .optional()
    .describe(
      "SearXNG for the tool web_search, which is offered where one of these four is set: the first of them",
    ),
  BRAVE_API_KEY: KEY.optional().describe("key of Brave Search, for web_search"),
  TAVILY_API_KEY: KEY.optional().describe("key of Tavily, for web_search"),
  SERPER_API_KEY: KEY.optional().describe("key of Serper (results of Google), for web_search"),
  HTTPS_PROXY: url
    .optional()
    .describe("proxy on the way to model servers with https:// addresses; tools never use it"),
  HTTP_PROXY: url.optional().describe("the same for http:// addresses, except those of this machine"),
  NO_PROXY: z.string().optional().describe("comma list of hosts that are reached without a proxy"),
  DEFAULT_MODEL: z
    .string()
    .regex(MODEL, MODEL_FAULT)
    .optional()
    .describe("provider/model of a chat that names none; the first available unless set"),
  MODELS: listOf(MODEL, MODEL_FAULT)
    .optional()
    .describe("comma list of the provider/model that users may choose"),
  FALLBACK_MODELS: listOf(MODEL, MODEL_FAULT)
    .default([])
    .describe("comma list: the order tried when a model is down"),
  JWT_SECRET: list
    .pipe(
      z
        .array(z.string().min(32, "each secret needs at least 32 characters"))
        .min(1, "names no secret: unset it, or give one of at least 32 characters"),
    )
    .optional()
    .describe(
      "signing secrets: the first signs, all verify; made once and kept in the data folder unless set",
    ),
  ALLOWED_HOSTS: list
    .default([])
    .describe("more host names that may reach the gateway (localhost, 127.0.0.1, [::1] and HOST may)"),
  ALLOWED_ORIGINS: listOf(ORIGIN, "must be origins such as https://app.example.com, without a path")
    .default([])
    .describe("more origins that may reach the gateway (its own may)"),
  TRUSTED_PROXIES: addresses().describe("addresses or CIDR blocks whose X-Forwarded-For is believed"),
  REGISTRATION: oneOf("open", "invite", "closed")
    .optional()
    .describe("who may register: open on loopback, else invite"),
  HOST_TOOLS: oneOf("owner", "all")
    .default("owner")
    .describe("who may use this machine's own tools: owner (admins) or all users"),
  TOOL_ROOTS: list
    .pipe(z.array(folder))
    .optional()
    .describe("folders that file tools may touch on this machine; the home folder unless set"),
  SANDBOX: oneOf("on", "off").default("on").describe("off lets admins run execute tools without a sandbox"),
  SERVICES: list
    .pipe(z.array(z.enum(SERVICES, { error: NO_SUCH_SERVICE })))
    .refine((names) => names.length > 0, NO_SUCH_SERVICE)
    .optional()
    .describe(
      `comma list of the services this process of a cluster runs, of ${SERVICES.join(", ")}: all unless set`,
    ),
  NATS_URL: z
    .string()
    .optional()
    .describe(
      "makes the process part of a cluster: NATS that its processes meet on, `nats://` or `tls://`, commas between several",
    ),
  NATS_CREDS: folder.optional().describe("file with the JWT and seed of the process's NATS user"),
  POSTGRES_URL: z
    .string()
    .optional()
    .describe(
      "PostgreSQL of the cluster: users, money, work and audit; beyond this machine with `?sslmode=verify-full`",
    ),
  POSTGRES_REPLICA_URL: z
    .string()
    .optional()
    .describe(
      "streaming replica of that PostgreSQL, in the same form: reports of usage are read there while it follows within 10 s, else from POSTGRES_URL",
    ),
  MONGO_URL: z
    .string()
    .optional()
    .describe(
      "MongoDB of the cluster, a replica set: sessions, messages and runs; beyond this machine with `tls=true`",
    ),
  REDIS_URL: z
    .string()
    .optional()
    .describe(
      "Redis of the cluster, `redis://`, `redis+sentinel://` or `redis+cluster://`: rate windows and cache, never the truth",
    ),
  S3_URL: z
    .string()
    .optional()
    .describe(
      "S3 store of the cluster, `https://key:secret@host/bucket`, the same for all its processes: large requests and answers between them go by it, and files that users attach are kept in it; without it those of over 8 MB, and all files, are refused",
    ),
  ...EDGE_VARIABLES,
  MACJARVIS_URL: url
    .optional()
    .describe("server that chat, doctor and scripts talk to; the local one unless set"),
  MACJARVIS_KEY: z
    .string()
    .optional()
    .describe("API key that chat, doctor and scripts use; the local owner key unless set"),
  MACJARVIS_NODE_HOME: folder
    .default(USUAL_NODE_HOME)
    .describe(
      "folder (mode 0700) of `npm run node`: keys, policy and journal of a Mac that is paired with a server",
    ),
  LOG_LEVEL: oneOf("trace", "debug", "info", "warn", "error", "fatal", "silent")
    .default("info")
    .describe("least level of what is logged"),
  LOG_FORMAT: oneOf("pretty", "json").optional().describe("form of the log: pretty on a terminal, else json"),
  METRICS_PORT: whole(0, 65_535)
    .optional()
    .describe(
      "port on HOST of /metrics for Prometheus and of the process's /health/live and /health/ready; 0 picks a free one and prints it; off unless set",
    ),
  ...TRACING_VARIABLES,
  TRUSTED_TRACE_SOURCES: addresses().describe(
    "addresses or CIDR blocks whose `traceparent` is taken over, and with it whether a request is traced",
  ),
  RUN_DEADLINE_S: seconds(600).describe("running time of a run before it ends failed"),
  APPROVAL_TIMEOUT_S: seconds(86_400).describe("time after which an unanswered approval expires"),
  MAX_STEPS: whole(1, 100).default(25).describe("steps of a run that names no max_steps"),
  MAX_FILES: whole(0, 100_000).default(1_000).describe("files that a user may keep; 0: none can be uploaded"),
  MAX_FILES_MB: whole(1, 1_000_000)
    .default(1_024)
    .describe("megabytes that the files of a user may have together"),
  MODEL_IDLE_S: seconds(60).describe("time without a byte from the model after which it counts as hanging"),
  MODEL_LOAD_S: optionalSeconds().describe(
    "the same before the first word of a model of this machine or network, which may have to be loaded: 180 unless MODEL_IDLE_S is set, else the same",
  ),
  CRASH_AT: z
    .string()
    .optional()
    .describe("for tests: kills the process at this crash point, once per data folder"),
} as const;

const schema = z.object(ENVIRONMENT);
export type Environment = z.output<typeof schema> & {
  MODEL_LOAD_S: number;
  /** The servers of the cluster that the process belongs to; undefined for one on its own. */
  cluster: ClusterUrls | undefined;
  /** How to trace; undefined when nothing is to be traced. */
  tracing: TracingSettings | undefined;
  /** The OpenAI-compatible servers that have a name (`OPENAI_BASE_URL_<NAME>`), in the order of their names. */
  OPENAI_SERVERS: NamedServer[];
};

/** Variables of which there may be any number, by what their names look like; for `docs/config.md`. */
export const NAMED_VARIABLES = SERVER_VARIABLES;

/**
 * Parses the environment (empty values count as not set).
 * @throws Error whose message lists every fault, one a line.
 */
export function readEnvironment(source: Record<string, string | undefined>): Environment {
  const given = cleanValues(source);
  const faults = clusterFaults(
    given,
    given.SERVICES?.split(",").map((name) => name.trim()),
  );
  if (source.METRICS_PORT && source.METRICS_PORT !== "0" && source.METRICS_PORT === (source.PORT || "3000"))
    faults.push("METRICS_PORT: must be another port than PORT");
  const { servers, faults: serverFaults } = readServers(source);
  const parsed = parseWith(schema, withProxies(source), [...faults, ...serverFaults]);
  const missing = edgeFaults(parsed, parsed.SERVICES ?? SERVICES);
  if (missing.length > 0) throw problemOf(missing);
  return {
    ...parsed,
    cluster: clusterOf(given),
    tracing: tracingSettings(parsed),
    OPENAI_SERVERS: servers,
    MODEL_LOAD_S: loadSeconds(parsed, source),
  };
}

/** Who has said how long silence may be has said it for servers that load, too. */
function loadSeconds(
  { MODEL_LOAD_S, MODEL_IDLE_S }: z.output<typeof schema>,
  source: Record<string, string | undefined>,
): number {
  return MODEL_LOAD_S ?? (source.MODEL_IDLE_S?.trim() ? MODEL_IDLE_S : USUAL_LOAD_S);
}

const clientSchema = schema.pick({
  HOST: true,
  PORT: true,
  MACJARVIS_HOME: true,
  EDGE_KEYS: true,
  MACJARVIS_URL: true,
  MACJARVIS_KEY: true,
});

/** What a program needs that only talks to a server; what the server would refuse is no matter here. @throws as `readEnvironment` */
export function readClientEnvironment(source: Record<string, string | undefined>) {
  return parseWith(clientSchema, source, []);
}

const nodeSchema = schema.pick({ MACJARVIS_NODE_HOME: true, LOG_LEVEL: true, CRASH_AT: true });
export type NodeEnvironment = z.output<typeof nodeSchema>;

/** What the program of a paired Mac needs. @throws as `readEnvironment` */
export function readNodeEnvironment(source: Record<string, string | undefined>): NodeEnvironment {
  return parseWith(nodeSchema, source, []);
}

function parseWith<Schema extends z.ZodType>(
  wanted: Schema,
  source: Record<string, string | undefined>,
  more: string[],
): z.output<Schema> {
  const given = cleanValues(source);
  const parsed = wanted.safeParse(given);
  const found = parsed.success ? [] : parsed.error.issues.map((issue) => faultOf(issue, given));
  const faults = [...new Set([...found, ...more])];
  if (parsed.success && faults.length === 0) return parsed.data;
  throw problemOf(faults);
}

function problemOf(faults: string[]): Error {
  const title = faults.length === 1 ? "A variable is" : `${faults.length} variables are`;
  return new Error(
    `${title} not set to something that can be used:\n${faults.map((fault) => `  ${fault}`).join("\n")}`,
  );
}

/** Values are shown, but never one that may hold a secret. */
function faultOf({ path, message }: z.core.$ZodIssue, given: Record<string, string | undefined>): string {
  const name = String(path[0]);
  const value = shownValue(name, given[name] ?? "");
  return `${name}: ${message}${value}`;
}

function isAddressOrBlock(text: string): boolean {
  return text.includes("/") ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text);
}

/** Variables whose values hold no secrets and may be shown to a model. */
const HARMLESS = new Set([
  "PATH",
  "LANG",
  "LC_ALL",
  "HOME",
  "SHELL",
  "TERM",
  "TZ",
  "USER",
  "LOGNAME",
  "PWD",
  "TMPDIR",
]);

/** A variable as it was set when the program was started, for what names it itself (mcp.json). */
export function variable(name: string): string | undefined {
  return Object.hasOwn(process.env, name) ? process.env[name] : undefined;
}

/** Whether its value may be seen by everybody. */
export function isHarmlessVariable(name: string): boolean {
  return HARMLESS.has(name);
}

/** The names of all variables in alphabetical order; values of the harmless ones only (G21), `null` for all others. */
export function environmentNames(): { name: string; value: string | null }[] {
  return Object.keys(process.env)
    .toSorted()
    .map((name) => ({ name, value: HARMLESS.has(name) ? (process.env[name] ?? null) : null }));
}

/** Where programs keep a user's data (XDG Base Directory Specification); relative values are to be ignored. */
export function dataHome(): string | undefined {
  const folder = process.env.XDG_DATA_HOME;
  return folder?.startsWith("/") ? folder : undefined;
}

/** What a program on Linux needs to reach the desktop that somebody sees. */
const SESSION = [
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "XAUTHORITY",
  "XDG_RUNTIME_DIR",
  "DBUS_SESSION_BUS_ADDRESS",
  "XDG_CURRENT_DESKTOP",
  "XDG_DATA_DIRS",
];

/** Those of the variables of a desktop session that are set where the server was started; none on a server without a screen. */
export function desktopSession(): Record<string, string> {
  const set = SESSION.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(set.filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/** Whether the terminal understands nothing but text. */
export function isDumbTerminal(): boolean {
  return process.env.TERM === "dumb";
}

/** The locale of messages, in the order of POSIX: `zh_CN.UTF-8`; undefined when none is set. */
export function terminalLocale(): string | undefined {
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  return LC_ALL || LC_MESSAGES || LANG || undefined;
}

/** Who may register: a stranger on the network does not get an account by asking for one. */
export function registrationOf(env: Environment): "open" | "invite" | "closed" {
  return env.REGISTRATION ?? (isLoopback(env.HOST) ? "open" : "invite");
}
