// One line and one count for each request, when its answer is out or its client is gone. A query is never logged: people put
// secrets there.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";

/** `target`: the path and query, once it is known to hold no credential; the router shortens `url` while it works. */
export type Received = IncomingMessage & { requestId?: string; originalUrl?: string; target?: string };

/** What looks like one of our credentials, wherever somebody has put it into a path. */
const CREDENTIAL = /(mjr?_|eyJ)[\w.-]{16,}/g;
const LONGEST_PATH = 300;

export function logWhenAnswered(
  log: Log,
  metrics: Metrics,
  request: Received,
  response: ServerResponse,
): void {
  const beganAt = performance.now();
  response.on("close", () => {
    const { requestId, method = "", target = "-" } = request;
    const { statusCode: status, writableFinished } = response;
    const path = shownPath(target.split("?", 1)[0] ?? "");
    const ms = Math.round(performance.now() - beganAt);
    const cut = writableFinished ? {} : { cut: true };
    metrics.add("macjarvis_http_requests_total", { method, status });
    log.info({ request_id: requestId, method, path, status, ms, ...cut }, "request");
  });
}

/** A path with a credential in it is shown decoded, so that no escape hides one; any other as it came. */
function shownPath(path: string): string {
  const decoded = path.replace(/%[0-9a-f]{2}/gi, (code) =>
    String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  );
  const masked = decoded.replace(CREDENTIAL, "[secret]");
  return (masked === decoded ? path : masked.replace(/[^\x20-\x7e]/g, "?")).slice(0, LONGEST_PATH);
}
