// A session as a file. It is asked for like everything else, with the token in a header, and handed to the browser then.
import type { Session } from "../../contracts/answers/sessions.ts";
import { client } from "../store/account.ts";

/** @throws ApiError */
export async function exportSession({ id, title }: Session, format: "md" | "json"): Promise<void> {
  const response = await client.open("GET", `/sessions/${encodeURIComponent(id)}/export?format=${format}`);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = `${title.replace(/[^\p{L}\p{N} _-]+/gu, "_").slice(0, 80) || id}.${format}`;
  link.click();
  URL.revokeObjectURL(url);
}
