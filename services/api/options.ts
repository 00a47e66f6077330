// OPTIONS: what may be sent here, for clients and for the preflights of browsers. Does nothing, and asks for no credential.
import type { IncomingMessage, ServerResponse } from "node:http";
import { methodsOf, noSuchPath, pathOf } from "./find-route.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/**
 * @returns true when the request was one, and is answered
 * @throws not_found
 */
export function answerOptions(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== "OPTIONS") return false;
  const path = pathOf(request.url ?? "/");
  const methods = path === "*" ? METHODS : path === "/" ? ["GET", "HEAD"] : methodsOf(path);
  if (methods.length === 0) throw noSuchPath("OPTIONS", path);
  const isPreflight = request.headers["access-control-request-method"] !== undefined;
  response.writeHead(
    204,
    isPreflight
      ? {
          "Access-Control-Allow-Methods": METHODS.join(", "),
          "Access-Control-Allow-Headers":
            "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Request-ID",
          "Access-Control-Max-Age": "600",
        }
      : { Allow: [...methods, "OPTIONS"].join(", ") },
  );
  response.end();
  return true;
}
