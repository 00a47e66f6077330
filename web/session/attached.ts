// The files that go with a message that is being written. Each is uploaded at once, so that sending waits for nothing.
import { computed, signal } from "@preact/signals";
import type { ShownMessage } from "../../contracts/answers/sessions.ts";
import { client, seen } from "../store/account.ts";
import { sayError } from "../store/say-error.ts";
import { FILES } from "../texts/files.ts";
import { isPicture, size } from "./file-words.ts";

export type Attachment = NonNullable<ShownMessage["attachments"]>[number];

/** As the server has it (contracts/files.ts, which browsers do not load): larger ones are refused before they are sent. */
const MOST_BYTES = 10 * 1024 * 1024;
const MOST = 10;

export type Item = {
  key: string;
  name: string;
  size: number;
  /** An address of its picture in this page. */
  picture: string | undefined;
  /** Why it cannot go with the message. */
  failure: string;
  /** Known once it is uploaded. */
  file: Attachment | undefined;
  stop: AbortController;
};

let made = 0;

export class Attached {
  readonly items = signal<Item[]>([]);
  /** Why something was not taken. */
  readonly notice = signal("");
  readonly isUploading = computed(() => this.items.value.some(({ file, failure }) => !file && !failure));
  readonly isReady = computed(() => this.items.value.every(({ file }) => file !== undefined));

  /** @param kept files that are at the server already */
  constructor(kept: Attachment[] = []) {
    this.items.value = kept.map((file) => itemOf(file.name, file.size, { file }));
  }

  get files(): Attachment[] {
    return this.items.peek().flatMap(({ file }) => file ?? []);
  }

  add(files: Iterable<File>): void {
    this.notice.value = "";
    for (const file of files) {
      if (this.items.value.length >= MOST) {
        this.notice.value = FILES.tooMany({ most: MOST });
        return;
      }
      const isTooLarge = file.size > MOST_BYTES;
      const item = itemOf(file.name, file.size, {
        failure: isTooLarge ? FILES.tooLarge({ most: size(MOST_BYTES) }) : "",
        picture: !isTooLarge && isPicture(file.type) ? URL.createObjectURL(file) : undefined,
      });
      this.items.value = [...this.items.value, item];
      if (!isTooLarge) void this.#upload(item, file);
    }
  }

  remove(item: Item): void {
    this.notice.value = "";
    this.items.value = this.items.value.filter(({ key }) => key !== item.key);
    release([item]);
  }

  /** They go with a message: who takes them gives them back, or releases them. */
  take(): Item[] {
    const taken = this.items.peek();
    this.items.value = [];
    return taken;
  }

  giveBack(taken: Item[]): void {
    this.items.value = [...taken, ...this.items.value];
  }

  close(): void {
    release(this.take());
  }

  async #upload(item: Item, file: File): Promise<void> {
    try {
      const { file: kept } = await client.upload(file, { name: file.name, signal: item.stop.signal });
      const { id, name, media_type } = kept;
      this.#change(item, { file: { id, name, media_type, size: kept.size } });
    } catch (thrown) {
      if (!item.stop.signal.aborted) this.#change(item, { failure: sayError(seen(thrown)) });
    }
  }

  #change(item: Item, change: Partial<Item>): void {
    this.items.value = this.items.value.map((one) => (one.key === item.key ? { ...one, ...change } : one));
  }
}

/** Stops what still comes, and frees the pictures. */
export function release(items: Item[]): void {
  for (const { stop, picture } of items) {
    stop.abort();
    if (picture) URL.revokeObjectURL(picture);
  }
}

function itemOf(name: string, bytes: number, more: Partial<Item>): Item {
  made += 1;
  return {
    ...{ key: `file_${made}`, name, size: bytes, picture: undefined, failure: "", file: undefined },
    ...{ stop: new AbortController(), ...more },
  };
}
