// Checks the sandbox by really starting one, and what else decides what a model may do on this machine.
import { existsSync } from "node:fs";
import { type Environment, isLoopback } from "../../lib/env.ts";
import { probeSandbox } from "../../mac-node/sandbox/probe.ts";
import { type Texts, textsFor } from "../terminal/texts.ts";
import { type Finding, failure, ok, warning } from "./finding.ts";

/** @param path where programs are looked for; a test points it elsewhere */
export async function checkSandbox(
  setting: Environment["SANDBOX"],
  { doctor, said }: Texts = textsFor("en"),
  platform: NodeJS.Platform = process.platform,
  path?: string,
): Promise<Finding> {
  if (setting === "off") return warning("sandbox", doctor.sandboxOff, doctor.sandboxOffFix, "off");
  const found = await probeSandbox(platform, path);
  if (found.state === "unavailable")
    return failure("sandbox", doctor.sandboxGone, said(found.problem), "unavailable");
  return ok("sandbox", doctor.sandboxFine);
}

/** @param user the number of the user this runs as, where the system has such numbers */
export function checkUser(user: number | undefined, { doctor }: Texts = textsFor("en")): Finding[] {
  if (user !== 0) return [];
  return [warning("user", doctor.root, doctor.rootFix, "root")];
}

type Rights = Pick<Environment, "HOST" | "HOST_TOOLS" | "REGISTRATION" | "TOOL_ROOTS" | "TRUSTED_PROXIES">;

export function checkRights(
  { HOST, HOST_TOOLS, REGISTRATION, TOOL_ROOTS, TRUSTED_PROXIES }: Rights,
  { doctor }: Texts = textsFor("en"),
): Finding[] {
  const findings: Finding[] = [];
  const isPublic = !isLoopback(HOST);
  if (HOST_TOOLS === "all")
    findings.push(warning("host tools", doctor.hostToolsAll, doctor.hostToolsFix, "all"));
  if (isPublic && REGISTRATION === "open")
    findings.push(warning("registration", doctor.registrationOpen(HOST), doctor.registrationFix, "open"));
  if (isPublic && TRUSTED_PROXIES.length === 0)
    findings.push(warning("network", doctor.plainHttp(HOST), doctor.plainHttpFix, "plain_http"));
  const missing = (TOOL_ROOTS ?? []).filter((root) => !existsSync(root));
  if (missing.length > 0)
    findings.push(failure("tool roots", doctor.rootsMissing(missing.join(", ")), doctor.rootsFix, "missing"));
  if (findings.length === 0) findings.push(ok("rights", doctor.rights(HOST)));
  return findings;
}
