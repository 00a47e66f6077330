// Opens the sockets of `fetchPublic` (G28): every address is checked where it is connected, so a name that changes its
// meaning between check and connect gains nothing. Checked are literal addresses, what DNS says, and the socket itself.
import { isIP, type LookupFunction } from "node:net";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { buildConnector } from "undici";
import { toError } from "../errors.ts";
import { type Lookup, lookupName } from "./lookup-name.ts";
import { isPublicAddress } from "./public-address.ts";
import { addressRefused, unknownName } from "./refused-address.ts";

/** `message` is for the model: what happened, and what to do if it can do something. */
export type FetchFailure = { code: FailureCode; message: string };
type FailureCode =
  | "invalid_url"
  | "address_refused"
  | "host_not_asked"
  | "dns_failed"
  | "connect_failed"
  | "timeout"
  | "tls_failed"
  | "too_many_redirects";

export type ConnectorOptions = {
  /** Which addresses may be reached; public ones unless a test says otherwise. */
  isAllowed?: (address: string) => boolean;
  /** The system's resolver unless a test says otherwise. */
  lookup?: Lookup;
  /** PEM of a certificate authority that is trusted instead of the system's. */
  ca?: string;
};
/** Times are ISO 8601. */
export type Certificate = {
  valid_from: string;
  valid_to: string;
  subject: string | null;
  issuer: string | null;
};
/** What the connector learnt; `failure` says why it refused, because undici passes on no more than an error. */
export type Connections = {
  failure: FetchFailure | null;
  address: string | null;
  /** By `host:port`. */
  certificates: Map<string, Certificate>;
};

const CONNECT_TIMEOUT_MS = 10_000;

/** A connector for undici's Agent that reaches allowed addresses only, and notes in `seen` what it saw. */
export function publicConnector(options: ConnectorOptions, seen: Connections): buildConnector.connector {
  const isAllowed = options.isAllowed ?? isPublicAddress;
  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    allowH2: false,
    lookup: checkedLookup(options.lookup ?? lookupName, isAllowed, seen),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  const refuse = (address: string, name: string) => {
    seen.failure = addressRefused(name, [address]);
    return new Error(seen.failure.message);
  };
  return (target, callback) => {
    // A literal address skips the lookup: judge it before a single packet leaves.
    const literal = target.hostname.replace(/^\[|\]$/g, "");
    if (isIP(literal) !== 0 && !isAllowed(literal)) return callback(refuse(literal, literal), null);
    connect(target, (error, socket) => {
      if (error) return callback(error, null);
      const remote = socket.remoteAddress ?? "";
      if (!isAllowed(remote)) {
        socket.destroy();
        return callback(refuse(remote, target.hostname), null);
      }
      seen.address = remote;
      noteCertificate(socket as TLSSocket, `${target.hostname}:${target.port || "443"}`, seen);
      callback(null, socket);
    });
  };
}

function checkedLookup(
  lookup: Lookup,
  isAllowed: (address: string) => boolean,
  seen: Connections,
): LookupFunction {
  return (hostname, wanted, callback) => {
    lookup(hostname).then(
      (addresses) => {
        const allowed = addresses.filter(({ address }) => isAllowed(address));
        const first = allowed[0];
        if (first === undefined) {
          seen.failure = addresses.length > 0 ? addressRefused(hostname, addresses) : unknownName(hostname);
          callback(new Error(seen.failure.message), "", 0);
        } else if (wanted.all) callback(null, allowed);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => {
        seen.failure = unknownName(hostname);
        callback(toError(error), "", 0);
      },
    );
  };
}

function noteCertificate(socket: Partial<TLSSocket>, place: string, seen: Connections): void {
  const certificate: Partial<DetailedPeerCertificate> | undefined = socket.getPeerCertificate?.();
  if (certificate?.valid_to === undefined || certificate.valid_from === undefined) return;
  seen.certificates.set(place, {
    valid_from: new Date(certificate.valid_from).toISOString(),
    valid_to: new Date(certificate.valid_to).toISOString(),
    subject: oneName(certificate.subject?.CN),
    issuer: oneName(certificate.issuer?.O ?? certificate.issuer?.CN),
  });
}

function oneName(name: string | string[] | undefined): string | null {
  return (Array.isArray(name) ? name[0] : name) ?? null;
}
