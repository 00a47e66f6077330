// The one reader of the environment: a schema parsed once at start, every fault reported together in words to act on.
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);
const url = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" });
const folder = z
  .string()
  .min(1)
  .transform((path) => resolve(path.replace(/^~(?=$|\/)/, homedir())));
const modelName = z.string().regex(/^[^/\s]+\/\S+$/, "must be provider/model, e.g. openai/gpt-4o-mini");
/** Timers take 31 bits of milliseconds; one that is longer would ring at once. */
const MOST_SECONDS = 2_000_000;
const seconds = (fallback: number) => z.coerce.number().positive().max(MOST_SECONDS).default(fallback);

/** Every variable there is: what it means is in its description, from which `docs/config.md` is made. */
export const ENVIRONMENT = {
  HOST: z.string().min(1).default("127.0.0.1").describe("address the gateway listens on"),
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(3000)
    .describe("port of the gateway; 0 picks a free one and prints it"),
  MACJARVIS_HOME: folder
    .default(join(homedir(), ".macjarvis"))
    .describe("data folder (mode 0700); keys and tokens in it are mode 0600"),
  OPENAI_API_KEY: z
    .string()
    .optional()
    .describe("key of an OpenAI-compatible server; may be absent when the base URL is set"),
  OPENAI_BASE_URL: url.optional().describe("any OpenAI-compatible server: Ollama, vLLM, OpenRouter …"),
  ANTHROPIC_API_KEY: z.string().optional().describe("key of Anthropic"),
  ANTHROPIC_BASE_URL: url.optional().describe("another server that speaks Anthropic's wire format"),
  GEMINI_API_KEY: z.string().optional().describe("key of Google"),
  GEMINI_BASE_URL: url.optional().describe("another server for Google's models"),
  DEFAULT_MODEL: modelName
    .optional()
    .describe("provider/model of a chat that names none; the first available unless set"),
  MODELS: list
    .pipe(z.array(modelName))
    .optional()
    .describe("comma list of the provider/model that users may choose"),
  FALLBACK_MODELS: list
    .pipe(z.array(modelName))
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
  ALLOWED_ORIGINS: list.default([]).describe("more origins that may reach the gateway (its own may)"),
  TRUSTED_PROXIES: list.default([]).describe("addresses or CIDR blocks whose X-Forwarded-For is believed"),
  REGISTRATION: z
    .enum(["open", "invite", "closed"])
    .optional()
    .describe("who may register: open on loopback, else invite"),
  HOST_TOOLS: z
    .enum(["owner", "all"])
    .default("owner")
    .describe("who may use this machine's own tools: owner (admins) or all users"),
  TOOL_ROOTS: list
    .pipe(z.array(folder))
    .optional()
    .describe("folders that file tools may touch on this machine; the home folder unless set"),
  SANDBOX: z
    .enum(["on", "off"])
    .default("on")
    .describe("off lets admins run execute tools without a sandbox"),
  SERVICES: list.optional().describe("comma list of the services this process runs; all unless set"),
  MACJARVIS_URL: url
    .optional()
    .describe("server that chat, doctor and scripts talk to; the local one unless set"),
  MACJARVIS_KEY: z
    .string()
    .optional()
    .describe("API key that chat, doctor and scripts use; the local owner key unless set"),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
    .default("info")
    .describe("least level of what is logged"),
  LOG_FORMAT: z
    .enum(["pretty", "json"])
    .optional()
    .describe("form of the log: pretty on a terminal, else json"),
  RUN_DEADLINE_S: seconds(600).describe("running time of a run before it ends failed"),
  APPROVAL_TIMEOUT_S: seconds(86_400).describe("time after which an unanswered approval expires"),
  MAX_STEPS: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(25)
    .describe("steps of a run that names no max_steps"),
  MODEL_IDLE_S: seconds(60).describe("time without a byte from the model after which it counts as hanging"),
  CRASH_AT: z
    .string()
    .optional()
    .describe("for tests: kills the process at this crash point, once per data folder"),
} as const;

const schema = z.object(ENVIRONMENT);
export type Environment = z.output<typeof schema>;

/** Variables of the cluster, which this version does not have: setting one is refused rather than ignored. */
const CLUSTER_ONLY = [
  "NATS_URL",
  "NATS_CREDS",
  "POSTGRES_URL",
  "MONGO_URL",
  "REDIS_URL",
  "S3_URL",
  "METRICS_PORT",
];

/**
 * Parses the environment (empty values count as not set).
 * @throws Error whose message lists every fault, one a line.
 */
export function readEnvironment(source: Record<string, string | undefined>): Environment {
  const given = Object.fromEntries(
    Object.entries(source).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = schema.safeParse(given);
  const faults = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path[0]?.toString() ?? ""}: ${issue.message}`);
  for (const name of CLUSTER_ONLY)
    if (given[name] !== undefined)
      faults.push(`${name}: this version runs in one process; the cluster is not built yet. Unset it.`);
  if (!parsed.success || faults.length > 0)
    throw new Error(
      `The environment has ${faults.length} fault(s):\n${faults.map((fault) => `  ${fault}`).join("\n")}`,
    );
  return parsed.data;
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

/** Whether an address to listen on is this machine only. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || host.startsWith("127.");
}

/** Who may register: a stranger on the network does not get an account by asking for one. */
export function registrationOf(env: Environment): "open" | "invite" | "closed" {
  return env.REGISTRATION ?? (isLoopback(env.HOST) ? "open" : "invite");
}
