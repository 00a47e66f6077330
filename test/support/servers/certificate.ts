// A certificate that signs itself, for a server on 127.0.0.1 that speaks TLS.
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Owner } from "../../../bin/cluster/servers/owner.ts";

export type Certificate = { folder: string; cert: string; key: string };

/** @param owner of its files, where the server runs as somebody else than the tests; whoever asks removes the folder */
export function makeCertificate(owner?: Owner): Certificate {
  const folder = mkdtempSync(join(tmpdir(), "macjarvis-tls-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const how = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync("openssl", ["req", ...how, "-keyout", key, "-out", cert, ...name], { stdio: "ignore" });
  chmodSync(key, 0o600);
  if (owner) for (const path of [folder, cert, key]) chownSync(path, owner.uid, owner.gid);
  return { folder, cert, key };
}
