// Reads a URL of PostgreSQL into what the driver takes. What would send passwords and rows in clear over a network is refused.
import { isIP } from "node:net";
import type { ClientConfig } from "pg";
import { parse } from "pg-connection-string";
import { toError } from "../../errors.ts";

/** What encrypts without looking who answers, or only perhaps, so that somebody in between can read along. */
const WEAK_MODES = new Set(["disable", "allow", "prefer", "no-verify"]);
/** Checked like `verify-full`, as the driver always did: more than libpq does for them. */
const STRONG_MODES = new Set(["require", "verify-ca", "verify-full"]);
const ENCRYPT =
  "Add sslmode=verify-full to the URL, and sslrootcert=/path/of/its/ca.pem when its certificate is not from a public authority.";

/**
 * Everything is in the URL: nothing of it is taken from `PG…` variables or from ~/.pgpass, which another program may need otherwise.
 * @param name of the variable that the URL is from, for the words
 * @throws Error in words for whoever starts the server; they hold no password
 */
export function readPostgresUrl(text: string, name: string): ClientConfig {
  const url = URL.parse(text);
  if (!url || !/^postgres(ql)?:$/.test(url.protocol))
    throw new Error(`${name} must be like postgres://user:password@host:5432/database?sslmode=verify-full.`);
  const mode = url.searchParams.get("sslmode");
  if (mode !== null && !WEAK_MODES.has(mode) && !STRONG_MODES.has(mode))
    throw new Error(`${name}: sslmode=${mode} is none that there is. ${ENCRYPT}`);
  // The parser's words for the others are decided here.
  if (mode !== null && STRONG_MODES.has(mode)) url.searchParams.set("sslmode", "verify-full");
  else url.searchParams.delete("sslmode");
  const parsed = parsedUrl(url.href, name);
  const { host, port, database, user } = parsed;
  if (!host || !database || !user)
    throw new Error(
      `${name} must name a user, a host and a database: postgres://user:password@host/database.`,
    );
  const ssl = mode !== null && STRONG_MODES.has(mode) ? (parsed.ssl as ClientConfig["ssl"]) : false;
  if (!ssl && !isNear(host))
    throw new Error(
      `${name} would send passwords and data to ${host} in a way that others can read. ${ENCRYPT}`,
    );
  return {
    host,
    port: port ? Number(port) : 5432,
    database,
    user,
    // A function, because the driver would look elsewhere for one that is empty.
    password: () => parsed.password ?? "",
    ssl: ssl ?? false,
    sslnegotiation: parsed.sslnegotiation === "direct" ? "direct" : "postgres",
    // The zone only has to be something: the driver would take the options of a variable for none.
    options: ["-c timezone=UTC", ...(parsed.options ? [parsed.options] : [])].join(" "),
  };
}

function parsedUrl(text: string, name: string): ReturnType<typeof parse> {
  try {
    return parse(text);
  } catch (thrown) {
    const { code, path, message } = toError(thrown) as NodeJS.ErrnoException;
    // A file of a certificate or a key; other messages could quote the URL.
    const reason = path ? `${path} cannot be read (${code})` : code ? code : message.split(":")[0];
    throw new Error(`${name} cannot be used: ${reason}.`);
  }
}

/** This machine: a socket file, or a loopback address. */
function isNear(host: string): boolean {
  if (host.startsWith("/") || host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}
