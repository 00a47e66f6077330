// What happened to a connection to a model server. Used for chats (provider-error.ts) and for looks at servers (servers/look-words.ts).

/**
 * What happened to a connection, for a person.
 * @param code the network's own (`ECONNREFUSED`, `UND_ERR_SOCKET`)
 * @param proxy the variable of the proxy that stands between
 */
export function connectionWords(code: unknown, proxy?: string): { what: string; advice: string } {
  if (proxy)
    return {
      what: `cannot be reached, perhaps because of the proxy in ${proxy}`,
      advice: "check it, or name the server in NO_PROXY.",
    };
  const advice = "check the network and the address.";
  switch (code) {
    case "ECONNREFUSED":
      return { what: "refuses connections", advice: "is it running?" };
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return { what: "cannot be found by its name", advice };
    case "ECONNRESET":
    case "EPIPE":
    case "UND_ERR_SOCKET":
      return { what: "cannot be reached, it closes connections without an answer", advice };
    case "EPROTO":
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_PACKET_LENGTH_TOO_LONG":
      return {
        what: "does not speak HTTPS",
        advice: "does its address begin with http:// and not https://?",
      };
    case "ETIMEDOUT":
    case "UND_ERR_CONNECT_TIMEOUT":
      return { what: "cannot be reached, it does not take connections", advice };
    default:
      return isAboutTrust(code)
        ? {
            what: "has a certificate that is not trusted",
            advice: "check the address, or start with NODE_EXTRA_CA_CERTS=<file of its issuer>.",
          }
        : { what: "cannot be reached", advice };
  }
}

function isAboutTrust(code: unknown): boolean {
  return typeof code === "string" && /CERT|TLS|SSL|UNABLE_TO_VERIFY|SELF_SIGNED/.test(code);
}
