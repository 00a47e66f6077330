// The user's sessions as Markdown: `macjarvis://sessions/{id}`.
import type {
  ListResourcesResult,
  ReadResourceResult,
  ResourceTemplate,
} from "@modelcontextprotocol/sdk/types.js";
import type { ResultOf } from "../../../contracts/actions.ts";
import { callUnchecked } from "../../../lib/broker/action.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import { FairShares } from "../fair-shares.ts";
import { metaNow } from "../handle-request.ts";
import type { Asked } from "./asked.ts";

const MARKDOWN = "text/markdown";
const PREFIX = "macjarvis://sessions/";
const PAGE = 50;
/** Characters of a session that are answered whole. */
const LONGEST = 4 * 1_048_576;
/** They are held whole in memory. */
const READ_AT_ONCE = new FairShares({ each: 2, all: 16, waiting: 50, patienceMs: 10_000 });

export const TEMPLATES: ResourceTemplate[] = [
  {
    uriTemplate: `${PREFIX}{id}`,
    name: "session",
    title: "A session",
    description: "All that was said in a session",
    mimeType: MARKDOWN,
  },
];

/** Newest first. @throws invalid_request for a cursor that is none */
export async function listSessions(
  { exchange }: Asked,
  cursor: string | undefined,
): Promise<ListResourcesResult> {
  const params = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
  const meta = metaNow(exchange);
  const { sessions, next_cursor } = await callUnchecked(exchange.broker, "sessions.list", params, { meta });
  return {
    resources: sessions.map(({ id, title, updated_at }) => ({
      ...{ uri: PREFIX + id, name: id, title, mimeType: MARKDOWN },
      annotations: { lastModified: updated_at },
    })),
    ...(next_cursor === null ? {} : { nextCursor: next_cursor }),
  };
}

/** @throws session_not_found; answer_too_large, with where a long one is */
export async function readSession(asked: Asked, uri: string): Promise<ReadResourceResult> {
  const id = uri.startsWith(PREFIX) ? uri.slice(PREFIX.length) : "";
  if (id === "") throw new AppError("session_not_found", `A resource is named ${PREFIX}{id}.`);
  const { caller, exchange } = asked;
  await READ_AT_ONCE.take(caller.user_id, exchange.response);
  const parts: string[] = [];
  let [page, length]: [number | null, number] = [1, 0];
  while (page !== null) {
    const part: ResultOf<"sessions.export"> = await readPart(asked, id, page);
    parts.push(part.content);
    length += part.content.length;
    if (length > LONGEST)
      throw new AppError(
        "answer_too_large",
        `The session is too long to be read at once: GET /api/v1/sessions/${id}/export?format=md.`,
      );
    page = part.next_page;
  }
  return { contents: [{ uri, mimeType: MARKDOWN, text: parts.join("") }] };
}

async function readPart({ exchange }: Asked, id: string, page: number): Promise<ResultOf<"sessions.export">> {
  const options = { meta: metaNow(exchange), requestID: exchange.requestId };
  try {
    return await callUnchecked(exchange.broker, "sessions.export", { id, format: "md", page }, options);
  } catch (thrown) {
    // An id that cannot be one is none of a session.
    if (isType(thrown, "invalid_request"))
      throw new AppError("session_not_found", `There is no such session.`);
    throw thrown;
  }
}
