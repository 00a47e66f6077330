// Checks the edge, where Macs join: that its keys are there and nobody else's to read, that its nats-server lets a hub in, that it is new
// enough, and that it has the claims which the keys would sign.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type EdgeState, inspectEdge } from "../../lib/edge/inspect-edge.ts";
import { readConfiguration } from "../../lib/edge/server-configuration.ts";
import { isMeantVersion, MEANT_VERSIONS } from "../../lib/edge/server-version.ts";
import { type EdgeSettings, edgeKeysFolderOf, edgeSettingsOf } from "../../lib/env/edge.ts";
import type { Environment } from "../../lib/env.ts";
import { toError } from "../../lib/errors.ts";
import { edgeUrlOf } from "../edge/server-options.ts";
import type { Texts } from "../terminal/texts.ts";
import { type Found, withinTime } from "./cluster/within-time.ts";
import { type Finding, failure, ok, warning } from "./finding.ts";

const LEAST_PAYLOAD = 8 * 1024 * 1024;
const KEYS = "edge keys";
const SERVER = "edge";
const CLAIMS = "edge claims";
const REFUSED = /connection was refused/;

/** Looks at the keys before anything reads them: that closes them to others. */
export async function checkEdge(env: Environment, texts: Texts): Promise<Finding[]> {
  const folder = edgeKeysFolderOf(env);
  const keys = checkKeys(folder, texts);
  try {
    const settings = edgeSettingsOf(env) ?? settingsIn(folder, env.EDGE_PUBLIC_URL);
    if (!settings) return keys;
    const found = await withinTime(inspectEdge(settings), texts.doctorCluster.late);
    return [...keys, ...stateFindings(found, env.EDGE_URL === undefined, texts)];
  } catch (thrown) {
    return [...keys, failure(SERVER, texts.said(toError(thrown).message), texts.edge.awayFix, "broken")];
  }
}

/** Of a server that `--with-nats` runs. */
function settingsIn(folder: string, publicUrl: string | undefined): EdgeSettings | undefined {
  const configuration = readConfiguration(folder);
  const url = configuration && edgeUrlOf(configuration, publicUrl);
  return url === undefined ? undefined : { url, publicUrl: publicUrl ?? url, keysFolder: folder };
}

function checkKeys(folder: string, { edge }: Texts): Finding[] {
  const paths = [folder, ...readdirSync(folder).map((name) => join(folder, name))];
  const open = paths.filter((path) => (statSync(path).mode & 0o077) !== 0);
  if (open.length > 0)
    return [failure(KEYS, edge.keysOpen(open.join(", ")), `chmod -R go-rwx ${folder}`, "open_to_others")];
  return [ok(KEYS, edge.keysFine(folder))];
}

function stateFindings(found: Found<EdgeState>, isByItself: boolean, { edge, said }: Texts): Finding[] {
  if ("problem" in found)
    return [
      isByItself && REFUSED.test(found.problem)
        ? ok(SERVER, edge.notRunning, "absent")
        : failure(SERVER, said(found.problem), edge.awayFix, "away"),
    ];
  const { server, claims } = found.state;
  return [
    ...(server ? [serverFinding(server, edge)] : []),
    ...(claims === undefined ? [] : [claimsFinding(claims, edge)]),
  ];
}

function serverFinding(
  { version, maxPayload }: NonNullable<EdgeState["server"]>,
  words: Texts["edge"],
): Finding {
  if (maxPayload < LEAST_PAYLOAD)
    return failure(SERVER, words.smallPayload(version, maxPayload), words.configurationFix, "small_payload");
  if (!isMeantVersion(version))
    return warning(SERVER, words.oldServer(version), words.oldServerFix(MEANT_VERSIONS), "old_server");
  return ok(SERVER, words.serverFine(version));
}

function claimsFinding(claims: NonNullable<EdgeState["claims"]>, words: Texts["edge"]): Finding {
  if (claims === "unknown account")
    return failure(CLAIMS, words.unknownAccount, words.configurationFix, "unknown_account");
  if (claims === "other") return warning(CLAIMS, words.otherClaims, words.otherClaimsFix, "other");
  return ok(CLAIMS, words.claimsFine);
}
