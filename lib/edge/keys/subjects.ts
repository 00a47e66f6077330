// Who may say and hear what on the edge bus, as NATS checks it: docs/decisions/2026-11-30-macs.md has the table.
import { ID_PREFIXES } from "../../../contracts/ids.ts";

/** Stands before every subject of the edge. */
export const EDGE_PREFIX = "MOL-edge";

export type Rights = { says: string[]; hears: string[] };

/** A Mac's own subjects. @throws Error for what is no id of a node: another word in its place could be read as a hub's */
export function rightsOfMac(nodeId: string): Rights {
  const isWord = /^[A-Za-z0-9_-]{1,100}$/.test(nodeId.slice(ID_PREFIXES.node.length));
  if (!nodeId.startsWith(ID_PREFIXES.node) || !isWord) throw new Error(`"${nodeId}" is no id of a node`);
  return {
    says: [`${EDGE_PREFIX}.*.${nodeId}.hub.*`],
    hears: [`${EDGE_PREFIX}.*.hub.*.${nodeId}`, `${EDGE_PREFIX}.*.hub.*.all`],
  };
}

export const RIGHTS_OF_HUB: Rights = {
  says: [`${EDGE_PREFIX}.*.hub.*.*`],
  hears: [`${EDGE_PREFIX}.*.*.hub.*`],
};

export const claimsUpdateSubject = (account: string) => `$SYS.REQ.ACCOUNT.${account}.CLAIMS.UPDATE`;
export const claimsLookupSubject = (account: string) => `$SYS.REQ.ACCOUNT.${account}.CLAIMS.LOOKUP`;

/** Pushes the claims of one account and reads them; nothing else of what the system account offers. */
export const rightsOfSystem = (edgeAccount: string): Rights => ({
  says: [claimsUpdateSubject(edgeAccount), claimsLookupSubject(edgeAccount)],
  hears: ["_INBOX.>"],
});
