// Checks the sandbox by really starting one, and what else decides what a model may do on this machine.
import { existsSync } from "node:fs";
import { type Environment, isLoopback } from "../../lib/env.ts";
import { probeSandbox } from "../../mac-node/sandbox/probe.ts";
import { type Finding, failure, ok, warning } from "./finding.ts";

/** @param path where programs are looked for; a test points it elsewhere */
export async function checkSandbox(
  setting: Environment["SANDBOX"],
  platform: NodeJS.Platform = process.platform,
  path?: string,
): Promise<Finding> {
  if (setting === "off")
    return warning("sandbox", "SANDBOX=off: commands that a model runs are not confined", "unset SANDBOX");
  const found = await probeSandbox(platform, path);
  if (found.state === "unavailable")
    return failure("sandbox", "it cannot start, so tools that run commands refuse", found.problem);
  return ok("sandbox", "it starts");
}

/** @param user the number of the user this runs as, where the system has such numbers */
export function checkUser(user: number | undefined): Finding[] {
  if (user !== 0) return [];
  return [
    warning(
      "user",
      "running as root: without control groups, commands in the sandbox may start any number of processes",
      "run it as a user of its own",
    ),
  ];
}

type Rights = Pick<Environment, "HOST" | "HOST_TOOLS" | "REGISTRATION" | "TOOL_ROOTS" | "TRUSTED_PROXIES">;

export function checkRights({
  HOST,
  HOST_TOOLS,
  REGISTRATION,
  TOOL_ROOTS,
  TRUSTED_PROXIES,
}: Rights): Finding[] {
  const findings: Finding[] = [];
  const isPublic = !isLoopback(HOST);
  if (HOST_TOOLS === "all")
    findings.push(
      warning(
        "host tools",
        "HOST_TOOLS=all: every user may use this machine's tools",
        "unset HOST_TOOLS to keep them for admins",
      ),
    );
  if (isPublic && REGISTRATION === "open")
    findings.push(
      warning(
        "registration",
        `REGISTRATION=open on ${HOST}: whoever reaches it can make an account`,
        "REGISTRATION=invite lets admins make the accounts",
      ),
    );
  if (isPublic && TRUSTED_PROXIES.length === 0)
    findings.push(
      warning(
        "network",
        `${HOST} is reachable from other machines over plain HTTP`,
        "put a TLS proxy in front (TRUSTED_PROXIES), or HOST=127.0.0.1",
      ),
    );
  const missing = (TOOL_ROOTS ?? []).filter((root) => !existsSync(root));
  if (missing.length > 0)
    findings.push(
      failure(
        "tool roots",
        `TOOL_ROOTS names what is not there: ${missing.join(", ")}`,
        "make the folder, or change TOOL_ROOTS",
      ),
    );
  if (findings.length === 0)
    findings.push(ok("rights", `tools of this machine for admins, listening on ${HOST}`));
  return findings;
}
