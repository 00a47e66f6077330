// Why a server cannot be reached, in words: networks and TLS speak in codes (`ECONNREFUSED`, `UND_ERR_SOCKET`), people do not.
import type { Texts } from "./texts.ts";

export type Why = keyof Texts["connection"]["why"];
type Thrown = { name?: string; message?: string; code?: string; cause?: unknown };

/** Codes of Node, of undici and of OpenSSL. */
const CODES: [RegExp, Why][] = [
  [/^ECONNREFUSED$/, "refused"],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET|ECONNABORTED|UND_ERR_ABORTED|ERR_STREAM_PREMATURE_CLOSE)$/, "cut"],
  [/^(ENOTFOUND|EAI_AGAIN|EAI_NONAME|EAI_NODATA|ERR_INVALID_URL)$/, "unknownName"],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ENETDOWN|EHOSTDOWN|EACCES|EPERM)$/, "noRoute"],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT)$/, "timeout"],
  [/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ALTNAME/, "certificate"],
  [/^(ERR_SSL_|EPROTO$|HPE_)/, "notTls"],
];

/** @param thrown by `fetch`, or by the reading of its answer */
export function whyUnreachable(url: string, thrown: unknown, { connection }: Texts): string {
  const chain = causesOf(thrown);
  if (chain.some(({ name }) => name === "TimeoutError")) return connection.noAnswerInTime(url);
  if (url.endsWith(":0")) return connection.portZero;
  const why = reasonOfChain(chain);
  return connection.notReached(url, connection.why[why], todoOf(why, url, connection));
}

/** The reason alone, where somebody else has the words. */
export function reasonOf(thrown: unknown): Why {
  return reasonOfChain(causesOf(thrown));
}

function causesOf(thrown: unknown): Thrown[] {
  const chain: Thrown[] = [];
  for (let at = thrown; at && chain.length < 5; at = (at as Thrown).cause) {
    chain.push(at as Thrown);
    // Several addresses of one name were tried: the first failure says it as well as any.
    if (at instanceof AggregateError) chain.push(...(at.errors.slice(0, 1) as Thrown[]));
  }
  return chain;
}

function reasonOfChain(chain: Thrown[]): Why {
  for (const { code, message = "" } of chain) {
    const known = CODES.find(([pattern]) => typeof code === "string" && pattern.test(code));
    if (known) return known[1];
    if (/redirect/i.test(message)) return "redirect";
    if (message === "bad port") return "badPort";
    if (message === "terminated") return "cut";
  }
  return "other";
}

function todoOf(why: Why, url: string, connection: Texts["connection"]): string {
  if (why === "certificate") return connection.checkCertificate;
  if (why === "noRoute" || why === "unknownName" || why === "timeout") return connection.checkNetwork;
  const isHere = /^https?:\/\/(localhost|127\.|\[::1\])/.test(url);
  if (isHere && (why === "refused" || why === "cut" || why === "other")) return connection.start;
  return connection.checkUrl;
}
