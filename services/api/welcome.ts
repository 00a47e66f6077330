// GET /: what a person sees who opens the server's address, until there is a console: what this is and the next step.
import type { IncomingMessage, ServerResponse } from "node:http";

/** @returns true when the request was for this page, and is answered */
export function answerWelcome(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.url !== "/" || (request.method !== "GET" && request.method !== "HEAD")) return false;
  const url = `http://${request.headers.host ?? "127.0.0.1:3000"}`;
  const page = `MacJarvis is running here. There is no console in the browser yet.

Chat in a terminal, in the folder of MacJarvis:

  MACJARVIS_URL=${url} npm run chat

Or over HTTP, with the owner's key (owner.key in the data folder) or an account of your own (POST /api/v1/users/register):

  curl -N ${url}/api/v1/agent/chat \\
    -H "Authorization: Bearer $MACJARVIS_KEY" -H "Content-Type: application/json" \\
    -d '{"message": "How full is my disk?"}'

All routes: ${url}/api/v1/openapi.json
Health:     ${url}/api/v1/health/ready
`;
  response.writeHead(200, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(page),
    "Cache-Control": "no-store",
  });
  response.end(page);
  return true;
}
