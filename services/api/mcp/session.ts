// What the requests of one MCP client have in common. No gateway keeps anything of it: the id that a client gets when it initializes, and
// sends with all that follows, says itself what it can do, so any gateway answers any request.
import { randomBytes } from "node:crypto";
import { AppError } from "../../../lib/errors.ts";

export type McpSession = {
  /** Tells apart the clients of one user; not to be guessed. */
  key: string;
  /** It can ask its person (elicitation by forms). */
  asks: boolean;
};

const ID = /^mcp_([\w-]{22})(\.asks)?$/;
/** Names a session, or a request that is under way. */
export const newKey = (): string => randomBytes(16).toString("base64url");

/** The id of a new session. @param capabilities as the client declares them */
export function newSession({ elicitation }: { elicitation?: object | undefined }): string {
  // Until 2025-11-25 an empty object meant forms; since then `url` may stand there alone.
  const asks = elicitation !== undefined && ("form" in elicitation || !("url" in elicitation));
  return `mcp_${newKey()}${asks ? ".asks" : ""}`;
}

/** The session of a request; undefined of a client that does without. @throws not_found: the client initializes anew */
export function sessionOf(header: string | string[] | undefined): McpSession | undefined {
  if (header === undefined) return undefined;
  const [, key, asks] = ID.exec(String(header)) ?? [];
  if (key === undefined) throw new AppError("not_found", "There is no such MCP session. Initialize again.");
  return { key, asks: asks !== undefined };
}
