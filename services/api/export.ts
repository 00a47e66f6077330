// GET /sessions/{id}/export: the whole session as a download.
import { callUnchecked } from "../../lib/broker/call.ts";
import type { Exchange } from "./handle-request.ts";

export async function exportSession({ broker, response, params, meta }: Exchange): Promise<void> {
  const file = await callUnchecked(broker, "sessions.export", params, { meta });
  const name = encodeURIComponent(file.filename);
  const plain = file.filename
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\w.-]/g, "_");
  response.writeHead(200, {
    "Content-Type": file.content_type,
    "Content-Length": Buffer.byteLength(file.content),
    "Content-Disposition": `attachment; filename="${plain}"; filename*=UTF-8''${name}`,
    "Cache-Control": "no-store",
  });
  response.end(file.content);
}
