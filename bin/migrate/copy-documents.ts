// Documents into MongoDB: sessions, their messages, runs with their steps, calls, summaries.
import { toError } from "../../lib/errors.ts";
import type { DocumentAdapter } from "../../lib/ports/document-adapter.ts";
import type { Document } from "../../lib/ports/documents.ts";
import type { Texts } from "../terminal/texts.ts";
import { COLLECTIONS } from "./known-stores.ts";
import type { Progress } from "./progress.ts";
import type { Side } from "./survey.ts";
import type { Target } from "./target.ts";

/** Safe to repeat: a document is there whole or not at all. @throws Error in words for one that MongoDB does not take */
export async function copyDocuments(from: Side, target: Target, progress: Progress, texts: Texts) {
  for (const spec of COLLECTIONS) {
    const collection = target.collection(spec);
    for await (const page of from.documents(spec)) {
      const there = new Set((await collection.findByIds(page.map(({ _id }) => _id))).map(({ _id }) => _id));
      const missing = page.filter(({ _id }) => !there.has(_id));
      await Promise.all(missing.map((document) => insert(collection, spec.name, document, texts)));
      progress.add(spec.name, page.length);
    }
    progress.end(spec.name);
  }
}

async function insert(
  collection: DocumentAdapter<Document>,
  name: string,
  document: Document,
  { migrate, said }: Texts,
): Promise<void> {
  await collection.insert(document).catch((thrown: unknown) => {
    throw new Error(migrate.notTaken(name, document._id, said(toError(thrown).message)), { cause: thrown });
  });
}
