// Files of users into the S3 store, each with the sum by which it is compared.
import type { Objects } from "../../lib/ports/objects.ts";
import { FILE_OBJECTS } from "../../services/sessions/files/file-document.ts";
import type { Progress } from "./progress.ts";
import { OBJECTS } from "./survey.ts";

type Sum = { key: string; sha256: string };

/** Those of files, as far as there is a store. */
export async function* fileObjects(store: Objects | undefined): AsyncGenerator<Sum[]> {
  for (let after: string | undefined; store; ) {
    const page = await store.list(FILE_OBJECTS, after === undefined ? {} : { after });
    const heads = await Promise.all(page.map(({ key }) => store.head(key)));
    yield heads.filter((head) => head !== null).map(({ key, sha256 }) => ({ key, sha256 }));
    after = page.at(-1)?.key;
    if (after === undefined) return;
  }
}

/** Safe to repeat: what is there with the same sum is not sent again. */
export async function copyObjects(from: Objects, to: Objects | undefined, progress: Progress): Promise<void> {
  for await (const page of fileObjects(from))
    for (const { key, sha256 } of page) {
      if (to && (await to.head(key))?.sha256 !== sha256) {
        const object = await from.get(key);
        if (object) await to.put(key, object.stream, { contentType: object.info.contentType });
      }
      progress.add(OBJECTS, 1);
    }
  progress.end(OBJECTS);
}
