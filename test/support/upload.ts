// Uploads of tests: as programs send a file (its bytes are the body) and as browsers do (a form).
import type { File } from "../../contracts/files.ts";
import { checkAnswer } from "./check-answer.ts";
import type { Client } from "./client.ts";

export type Uploaded = { status: number; file: File; code?: string; detail?: string };

/** @param query behind the path, e.g. `name=a.txt` */
export async function upload(
  client: Client,
  bytes: Uint8Array | string | FormData,
  { query = "", headers = {} }: { query?: string; headers?: Record<string, string> } = {},
): Promise<Uploaded> {
  const path = query === "" ? "/files" : `/files?${query}`;
  const response = await fetch(`${client.url}/api/v1${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${client.token}`, ...headers },
    body: bytes as string | FormData,
  });
  const body = (await response.json()) as { file: File; code?: string; detail?: string };
  checkAnswer("POST", path, response.status, body);
  return { status: response.status, ...body };
}

/** A form with one file. @param fields before it */
export function formOf(
  bytes: Uint8Array | string,
  name: string,
  fields: Record<string, string> = {},
): FormData {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append("file", new Blob([bytes as string]), name);
  return form;
}
