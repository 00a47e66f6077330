// The variables of the edge, the bus on which Macs and the server meet. Used by lib/env.ts, the one reader of the environment.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { INIT_COMMAND, KEY_FILES, type KeyFile } from "../edge/keys/key-files.ts";
import { folderOf } from "../home-folder.ts";
import { isLoopback } from "../net/is-loopback.ts";
import type { ServiceName } from "./cluster.ts";

const HAS_USER = "has a user or password in it: hubs come with hub.creds of EDGE_KEYS. Leave it out";
const IS_PLAIN =
  "would be reached in plain text: give nats-server a certificate and the address as tls://. Only this machine (127.0.0.1, localhost) may be reached without TLS";

export const EDGE_VARIABLES = {
  EDGE_URL: addresses(["nats", "tls"])
    .optional()
    .describe(
      "nats-server on which Macs and the server meet, `nats://` or `tls://`, commas between several; no Mac can join without it (`npm start -- --with-nats` runs one and sets it)",
    ),
  EDGE_PUBLIC_URL: addresses(["nats", "tls", "ws", "wss"])
    .optional()
    .describe(
      "where Macs are told to find it, `tls://` or `wss://` beyond this machine; EDGE_URL unless set",
    ),
  EDGE_KEYS: z
    .string()
    .min(1)
    .transform(folderOf)
    .optional()
    .describe(
      "folder with the keys of the edge, made by `npm run doctor -- nats init`; `edge` in the data folder unless set",
    ),
};

/** @param schemes those that are taken; the ones that end with an s, and `tls`, are encrypted */
function addresses(schemes: string[]) {
  const encrypted = schemes.filter((scheme) => scheme === "tls" || scheme === "wss");
  const form = `must be ${(encrypted.length > 1 ? encrypted : schemes).map((scheme) => `${scheme}://`).join(" or ")} addresses, commas between several, e.g. tls://edge.example.com:4223`;
  return z.string().superRefine((text, context) => {
    const fault = faultOf(text, schemes, form);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  });
}

function faultOf(text: string, schemes: string[], form: string): string | undefined {
  const parts = text.split(",").map((part) => part.trim());
  const urls = parts.flatMap((part) => (URL.canParse(part) ? [new URL(part)] : []));
  const isOf = ({ protocol, hostname }: URL) => schemes.includes(protocol.slice(0, -1)) && hostname !== "";
  // A Mac speaks one way to all of them.
  const web = urls.filter(({ protocol }) => /^wss?:$/.test(protocol));
  if (urls.length < parts.length || !urls.every(isOf) || ![0, urls.length].includes(web.length)) return form;
  if (urls.some(({ username, password }) => username !== "" || password !== "")) return HAS_USER;
  const isPlain = ({ protocol, hostname }: URL) => /^(nats|ws):$/.test(protocol) && !isLoopback(hostname);
  return urls.some(isPlain) ? IS_PLAIN : undefined;
}

export type EdgeSettings = {
  /** Where hubs connect. */
  url: string;
  /** What Macs are told. */
  publicUrl: string;
  keysFolder: string;
};

type Given = {
  EDGE_URL?: string | undefined;
  EDGE_PUBLIC_URL?: string | undefined;
  EDGE_KEYS?: string | undefined;
  MACJARVIS_HOME: string;
};

/** Where the edge is; undefined where Macs cannot join. */
export function edgeSettingsOf(env: Given): EdgeSettings | undefined {
  const { EDGE_URL: url, EDGE_PUBLIC_URL: publicUrl = url } = env;
  if (url === undefined || publicUrl === undefined) return undefined;
  return { url, publicUrl, keysFolder: edgeKeysFolderOf(env) };
}

/** Where the keys of the edge are or will be. */
export const edgeKeysFolderOf = ({
  EDGE_KEYS,
  MACJARVIS_HOME,
}: Pick<Given, "EDGE_KEYS" | "MACJARVIS_HOME">) => EDGE_KEYS ?? join(MACJARVIS_HOME, "edge");

export const KEYS_OF: Record<"tools" | "nodes", readonly KeyFile[]> = {
  tools: [KEY_FILES.hubCreds, KEY_FILES.grantsSeed],
  nodes: [
    ...[KEY_FILES.operatorSigningSeed, KEY_FILES.systemCreds],
    ...[KEY_FILES.edgeAccount, KEY_FILES.edgeSigningSeed, KEY_FILES.grantsPublic],
  ],
};

/** What the services of a process need of the folder of keys and is not there, a sentence each. */
export function edgeFaults(given: Given, services: readonly ServiceName[]): string[] {
  if (given.EDGE_URL === undefined) return [];
  const folder = edgeKeysFolderOf(given);
  const wanted = services.flatMap((name) => (name === "tools" || name === "nodes" ? KEYS_OF[name] : []));
  if (wanted.length === 0) return [];
  if (!existsSync(folder))
    return [`EDGE_KEYS: there are no keys of the edge in ${folder}. Make them with: ${INIT_COMMAND}`];
  const missing = wanted.filter((file) => !existsSync(join(folder, file)));
  if (missing.length === 0) return [];
  return [
    `EDGE_KEYS: ${folder} lacks ${missing.join(", ")}. Copy that from the folder which ${INIT_COMMAND} has made`,
  ];
}
