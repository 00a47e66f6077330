// An upload as a browser's form sends it (RFC 7578): one file, read as it comes by @fastify/busboy; and fields `name` and `session_id`.
// Loaded with the first form.
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { Busboy, type BusboyHeaders } from "@fastify/busboy";
import { MOST_FILE_BYTES, uploadQuery } from "../../../contracts/files.ts";
import { parse } from "../../../lib/broker/action.ts";
import { AppError } from "../../../lib/errors.ts";
import { brokenOff, fileTooLarge, type Store } from "./body.ts";

/** Its own limits are none. One byte more of the file than is allowed, so that it is seen. */
const LIMITS = {
  fileSize: MOST_FILE_BYTES + 1,
  ...{ files: 1, fields: 8, parts: 10, fieldSize: 8_192, fieldNameSize: 100 },
  ...{ headerPairs: 20, headerSize: 16_384 },
};
const FIELDS = Object.keys(uploadQuery.shape);

type Form = { name?: string | undefined; session_id?: string | undefined };

/**
 * @param most bytes of the whole form
 * @param store takes the file while it comes
 * @throws bad_request, body_too_large, invalid_request, what `store` throws
 */
export async function receiveForm(request: IncomingMessage, most: number, store: Store): Promise<Form> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const fields: Record<string, string> = {};
  const form = open(request);
  let file: { stream: Readable; name: string | undefined; stored: Promise<unknown> } | undefined;
  let size = 0;
  request.on("data", ({ length }: Buffer) => {
    size += length;
    if (size > most) reject(fileTooLarge());
  });
  request.once("close", () => request.complete || reject(brokenOff()));
  request.once("error", () => reject(brokenOff()));
  form.on("file", (_field, stream, name) => {
    // It fails with its form.
    stream.on("error", () => undefined);
    const stored = store(stream);
    stored.catch(reject);
    file = { stream, name, stored };
  });
  form.on("field", (field, value, _isNameCut, isCut) => {
    if (!FIELDS.includes(field)) reject(wrong(field, "is not known here"));
    else if (isCut || Object.hasOwn(fields, field)) reject(wrong(field, "is too long, or there twice"));
    else fields[field] = value;
  });
  form.once("filesLimit", () =>
    reject(wrong("file", "may be one file: send each with a request of its own")),
  );
  form.once("fieldsLimit", () => reject(wrong("", "has too many fields")));
  form.once("partsLimit", () => reject(wrong("", "has too many parts")));
  form.once("error", () => reject(noForm()));
  form.once("finish", resolve);
  // It may have broken off before anybody listened: nothing more would come of it.
  if (request.destroyed && !request.readableEnded) reject(brokenOff());
  request.pipe(form);
  try {
    await ended;
    if (!file) throw wrong("file", "is missing: the form has no file");
    await file.stored;
    return parse(uploadQuery, { ...(file.name === undefined ? {} : { name: file.name }), ...fields });
  } finally {
    request.unpipe(form);
    form.on("error", () => undefined);
    file?.stream.destroy();
    await file?.stored.catch(() => undefined);
  }
}

function open({ headers }: IncomingMessage) {
  try {
    // Paths are cut off with the rest of what a name must not have.
    return new Busboy({ headers: headers as BusboyHeaders, limits: LIMITS, preservePath: true });
  } catch {
    throw noForm();
  }
}

const noForm = () =>
  new AppError("bad_request", "The form breaks off, or is not the multipart/form-data that its header says.");

const wrong = (path: string, message: string) =>
  new AppError("invalid_request", path === "" ? `The form ${message}.` : `"${path}": ${message}`, {
    errors: [{ path, message }],
  });
