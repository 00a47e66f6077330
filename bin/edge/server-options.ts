// The options about the nats-server of the edge that `doctor -- nats init` and `npm start -- --with-nats` share, and the addresses that
// follow from them.
import { accessSync, constants } from "node:fs";
import { listeningOf, type ServerSettings, shownAddress } from "../../lib/edge/server-configuration.ts";
import { EDGE_VARIABLES } from "../../lib/env/edge.ts";
import { folderOf } from "../../lib/home-folder.ts";
import { isLoopback } from "../../lib/net/is-loopback.ts";
import type { Texts } from "../terminal/texts.ts";

export type ServerOptions = {
  listen?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  /** HOST:PORT. */
  webSocket?: string | undefined;
  /** As EDGE_PUBLIC_URL. */
  publicUrl?: string | undefined;
};

/** Beside the 4222 of the core's. */
export const USUAL_LISTENING = { host: "127.0.0.1", port: 4223 };

/**
 * What of the settings the options name.
 * @param prefix of the options, for what is said of them: `--` or `--nats-`
 * @throws Error in words
 */
export function settingsIn(options: ServerOptions, prefix: string, { edge }: Texts): Partial<ServerSettings> {
  const { listen, cert, key, webSocket: web } = options;
  const at = (option: string, text: string | undefined) => {
    const found = text === undefined ? undefined : listeningOf(text);
    if (text !== undefined && !found) throw new Error(edge.notListening(`${prefix}${option}`, text));
    return found;
  };
  const webSocket = at("websocket", web);
  const listening = { ...at("listen", listen), ...(webSocket ? { webSocket } : {}) };
  if ((cert === undefined) !== (key === undefined))
    throw new Error(edge.bothOfTls(`${prefix}tls-cert`, `${prefix}tls-key`));
  if (cert === undefined || key === undefined) return listening;
  const tls = { certFile: folderOf(cert), keyFile: folderOf(key) };
  for (const file of Object.values(tls)) requireReadable(file, edge.cannotRead(file));
  return { ...listening, tls };
}

function requireReadable(file: string, words: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch {
    throw new Error(words);
  }
}

/** @throws Error in words when it is none that Macs may be told */
export function checkPublicUrl(publicUrl: string | undefined, { edge, said }: Texts): void {
  const { error } = EDGE_VARIABLES.EDGE_PUBLIC_URL.safeParse(publicUrl);
  if (error) throw new Error(edge.badPublic(said(error.issues[0]?.message ?? "")));
}

/**
 * Where hubs find a server with these settings; undefined when nobody has said its name: it listens on all addresses of this machine,
 * and its certificate is for one name.
 */
export function edgeUrlOf(settings: ServerSettings, publicUrl: string | undefined): string | undefined {
  const { host, tls } = settings;
  if (!tls) return `nats://${shownAddress(settings)}`;
  if (publicUrl?.startsWith("tls://")) return publicUrl;
  return host === "0.0.0.0" || host === "::" ? undefined : `tls://${shownAddress(settings)}`;
}

/** @throws Error in words where it would listen to others in plain text */
export function refusePlain(settings: ServerSettings, prefix: string, { edge }: Texts): void {
  const hosts = [settings.host, ...(settings.webSocket ? [settings.webSocket.host] : [])];
  const host = settings.tls ? undefined : hosts.find((each) => !isLoopback(each));
  if (host !== undefined) throw new Error(edge.plain(host, `${prefix}tls-cert`, `${prefix}tls-key`));
}
