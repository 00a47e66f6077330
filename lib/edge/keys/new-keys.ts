// A whole set of keys of the edge, made anew: operator, accounts, users, and the key that signs grants.
import { encodeOperator } from "@nats-io/jwt";
import { accountClaims } from "./accounts.ts";
import { KEY_FILES, RESOLVER_FOLDER } from "./key-files.ts";
import { type Key, makeKey, pairOf } from "./signatures.ts";
import { RIGHTS_OF_HUB, type Rights, rightsOfSystem } from "./subjects.ts";
import { makeCredentials } from "./users.ts";

const EVERYTHING: Rights = { says: [">"], hears: [">"] };
const ANY = -1;
const FEW = 100;

/**
 * What each file holds, by its path in the folder. The accounts' own seeds are in none: what signs for the edge can be replaced, and the
 * other two have one user each.
 */
export async function newKeys(): Promise<[file: string, text: string][]> {
  const [operator, operatorSigning] = [makeKey("operator"), makeKey("operator")];
  const [system, core, edge, edgeSigning] = [
    ...[makeKey("account"), makeKey("account")],
    ...[makeKey("account"), makeKey("account")],
  ] as [Key, Key, Key, Key];
  const grants = makeKey("grants");
  const operatorJwt = await encodeOperator("macjarvis", pairOf(operator.seed), {
    signing_keys: [operatorSigning.publicKey],
    system_account: system.publicKey,
  });
  const credentials = (name: string, rights: Rights, subscriptions: number, account: Key, signer = account) =>
    makeCredentials(
      { name, rights, subscriptions },
      { publicKey: account.publicKey, signingSeed: signer.seed },
    );
  const { seed: by } = operatorSigning;
  return [
    [KEY_FILES.operatorSeed, operator.seed],
    [KEY_FILES.operatorJwt, operatorJwt],
    [KEY_FILES.operatorSigningSeed, by],
    [KEY_FILES.systemCreds, await credentials("system", rightsOfSystem(edge.publicKey), FEW, system)],
    [KEY_FILES.edgeAccount, edge.publicKey],
    [KEY_FILES.edgeSigningSeed, edgeSigning.seed],
    [KEY_FILES.hubCreds, await credentials("hub", RIGHTS_OF_HUB, FEW, edge, edgeSigning)],
    [KEY_FILES.coreCreds, await credentials("core", EVERYTHING, ANY, core)],
    [KEY_FILES.grantsSeed, grants.seed],
    [KEY_FILES.grantsPublic, grants.publicKey],
    [claimsFile(system), await accountClaims("SYS", system.publicKey, by)],
    [claimsFile(core), await accountClaims("CORE", core.publicKey, by)],
    [
      claimsFile(edge),
      await accountClaims("EDGE", edge.publicKey, by, {
        signing_keys: [edgeSigning.publicKey],
        revocations: {},
      }),
    ],
  ];
}

/** As nats-server looks for it. */
const claimsFile = ({ publicKey }: Key) => `${RESOLVER_FOLDER}/${publicKey}.jwt`;
