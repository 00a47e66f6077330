// The form of the documents, as the database itself says it: a program that is older than what is stored must not write into it.
import type { Db } from "mongodb";

/** Counted up when an older program can no longer work with what this one stores. */
const FORM = 1;
const OF_DOCUMENTS = "documents";

type FormDocument = { _id: string; version: number };

/** Safe to repeat, from several processes. @throws Error in words for whoever starts the process */
export async function requireKnownForm(db: Db): Promise<void> {
  const forms = db.collection<FormDocument>("forms");
  const found = await forms.findOne({ _id: OF_DOCUMENTS });
  if (found && found.version > FORM)
    throw new Error(
      `MongoDB (MONGO_URL): its documents were written by a newer MacJarvis (form ${found.version}, and this one knows ${FORM}). Update MacJarvis, or restore the database from a backup of before the update.`,
    );
  if (found?.version === FORM) return;
  // By as many at once as like to.
  await forms.updateOne({ _id: OF_DOCUMENTS }, { $max: { version: FORM } }, { upsert: true });
}
