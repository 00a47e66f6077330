// `npm run doctor -- nats init`: makes the keys of the edge and nats-server.conf, and says what to do with them. Safe to repeat: what is
// there stays, and only what the options name is changed in the configuration.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { KEY_FILES, type KeyFile } from "../../lib/edge/keys/key-files.ts";
import { type MadeKeys, makeKeys } from "../../lib/edge/keys/make-keys.ts";
import {
  configurationPath,
  readConfiguration,
  type ServerSettings,
  writeConfiguration,
} from "../../lib/edge/server-configuration.ts";
import { edgeKeysFolderOf, KEYS_OF } from "../../lib/env/edge.ts";
import { readClientEnvironment } from "../../lib/env.ts";
import { folderOf } from "../../lib/home-folder.ts";
import {
  checkPublicUrl,
  edgeUrlOf,
  refusePlain,
  type ServerOptions,
  settingsIn,
  USUAL_LISTENING,
} from "../edge/server-options.ts";
import { parseOptions } from "../terminal/parse-options.ts";
import { quotedForShell } from "../terminal/quoted-for-shell.ts";
import type { Texts } from "../terminal/texts.ts";

const OPTIONS = {
  folder: { type: "string" },
  listen: { type: "string" },
  public: { type: "string" },
  "tls-cert": { type: "string" },
  "tls-key": { type: "string" },
  websocket: { type: "string" },
  core: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

type Wanted = ServerOptions & { folder?: string | undefined; core: boolean; help: boolean };

/**
 * @param argv behind `nats`
 * @returns what to print
 * @throws Error in words; then nothing that was there has changed
 */
export async function natsInit(
  argv: string[],
  source: Record<string, string | undefined>,
  texts: Texts,
): Promise<string> {
  const wanted = readArguments(argv, texts);
  if (wanted.help) return texts.edge.help;
  const env = readClientEnvironment(source);
  const usualFolder = join(env.MACJARVIS_HOME, "edge");
  const folder = wanted.folder === undefined ? edgeKeysFolderOf(env) : folderOf(wanted.folder);
  checkPublicUrl(wanted.publicUrl, texts);
  const given = { ...settingsIn(wanted, "--", texts), ...(wanted.core ? { core: true } : {}) };
  const before = readConfiguration(folder);
  const settings = { ...USUAL_LISTENING, ...before, ...given };
  refusePlain(settings, "--", texts);
  const keys = await makeKeys(folder);
  // Without a wish what somebody has changed by hand stays.
  const isWritten = before && Object.keys(given).length === 0 ? false : writeConfiguration(folder, settings);
  const configuration = isWritten ? (before ? "changed" : "made") : "kept";
  return report({ folder, usualFolder, settings, keys, configuration, publicUrl: wanted.publicUrl }, texts);
}

function readArguments(argv: string[], texts: Texts): Wanted {
  const { values, positionals } = parseOptions(argv, OPTIONS, texts, texts.edge.badOption);
  const { help = false, core = false, folder, listen, public: publicUrl, websocket: webSocket } = values;
  const [verb, more] = positionals;
  if (!help && (verb !== "init" || more !== undefined))
    throw new Error(texts.edge.onlyInit(more ?? verb ?? ""));
  const [cert, key] = [values["tls-cert"], values["tls-key"]];
  return { help, core, folder, listen, webSocket, publicUrl, cert, key };
}

type Made = {
  folder: string;
  usualFolder: string;
  settings: ServerSettings;
  keys: MadeKeys;
  configuration: "made" | "changed" | "kept";
  publicUrl: string | undefined;
};

function report(made: Made, { edge }: Texts): string {
  const { folder, usualFolder, settings, keys, configuration, publicUrl } = made;
  const path = configurationPath(folder);
  const url = edgeUrlOf(settings, publicUrl);
  const variables = [
    `EDGE_URL=${url ?? `tls://${edge.nameOfCertificate}:${settings.port}`}`,
    ...(publicUrl !== undefined && publicUrl !== url ? [`EDGE_PUBLIC_URL=${publicUrl}`] : []),
    ...(folder === usualFolder ? [] : [`EDGE_KEYS=${quotedForShell(folder)}`]),
  ];
  const removable = [KEY_FILES.operatorSeed, KEY_FILES.operatorJwt].filter((file) =>
    existsSync(join(folder, file)),
  );
  return [
    keys.state === "made" ? edge.keysMade(folder) : edge.keysKept(folder),
    edge.configuration[configuration](path),
    "",
    edge.startIt,
    `   nats-server -c ${quotedForShell(path)}`,
    edge.setThem,
    ...variables.map((line) => `   ${line}`),
    edge.whoNeedsWhat(listOf(KEYS_OF.tools), listOf(KEYS_OF.nodes)),
    removable.length > 0 ? edge.takeAway(removable.join(", ")) : edge.takenAway,
    ...(settings.core ? [edge.forCore(quotedForShell(join(folder, KEY_FILES.coreCreds)))] : []),
    edge.thenDoctor,
    "",
  ].join("\n");
}

const listOf = (files: readonly KeyFile[]) => files.join(", ");
