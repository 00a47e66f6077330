// What is remembered about users: one row a note. Written by the user (all notes together) and by update_memory (one at a time).
import type { Kysely } from "kysely";
import type { MemoryId, RunId, UserId } from "../../../contracts/ids.ts";
import {
  MAX_MEMORIES,
  type Memory,
  type MemoryNote,
  type MemoryType,
  type WrittenMemory,
} from "../../../contracts/memory.ts";
import { AppError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { holdLock } from "../../../lib/sql.ts";
import type { ToolsTables } from "../tables.ts";
import { chosenForPrompt } from "./chosen-for-prompt.ts";
import type { MemoryRow } from "./tables.ts";

type Db = Kysely<ToolsTables>;

/** All that is decided about a user's notes is decided one after the other, in however many processes. */
const lockNotes = (transaction: Db, user: UserId) => holdLock(transaction, `memory ${user}`);

export class Memories {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Oldest first. */
  async of(user: UserId): Promise<Memory[]> {
    return (await rowsOf(this.#db, user)).map(memoryOf);
  }

  /** What of them goes into a prompt. */
  async forPrompt(user: UserId): Promise<MemoryNote[]> {
    const memories = await this.of(user);
    return memories.length === 0 ? [] : chosenForPrompt(memories);
  }

  /**
   * Replaces all notes. One that keeps its id keeps when it was made, and one that stays as it was stays so.
   * @throws invalid_request for an id that is none of the user's, or twice there
   */
  async replace(user: UserId, written: WrittenMemory[]): Promise<Memory[]> {
    return this.#change(user, async (db, before) => {
      const known = new Map(before.map((row) => [row.id, row]));
      const now = new Date().toISOString();
      const rows = written.map(({ id, type, content }, index): MemoryRow => {
        const old = id === undefined ? undefined : known.get(id);
        if (id !== undefined && !old) throw unknownNote(`memories.${index}.id`);
        if (old) known.delete(old.id);
        if (old && old.type === type && old.content === content) return old;
        const fresh = { id: newId("memory"), user_id: user, created_at: now };
        return { ...(old ?? fresh), type, content, updated_at: now, run_id: null };
      });
      await db.deleteFrom("memories").where("user_id", "=", user).execute();
      if (rows.length > 0) await db.insertInto("memories").values(rows).execute();
      return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(memoryOf);
    });
  }

  /**
   * Adds a note; one that says the same is there already and stays as it is.
   * @param id the same again is the same note
   * @returns the note, or undefined when there is no room
   */
  add(
    user: UserId,
    id: MemoryId,
    note: { type: MemoryType; content: string },
    run: RunId,
  ): Promise<Memory | undefined> {
    return this.#change(user, async (db, before) => {
      const same = before.find(
        (row) => row.id === id || (row.type === note.type && row.content === note.content),
      );
      if (same) return memoryOf(same);
      if (before.length >= MAX_MEMORIES) return undefined;
      const now = new Date().toISOString();
      const row = { id, user_id: user, ...note, created_at: now, updated_at: now, run_id: run };
      await db.insertInto("memories").values(row).execute();
      return memoryOf(row);
    });
  }

  /** @returns the note as it is then, or undefined when the user has none of that id */
  edit(
    user: UserId,
    id: MemoryId,
    note: { type?: MemoryType | undefined; content: string },
    run: RunId,
  ): Promise<Memory | undefined> {
    return this.#change(user, async (db, before) => {
      const old = before.find((row) => row.id === id);
      if (!old) return undefined;
      const change = { type: note.type ?? old.type, content: note.content, run_id: run };
      const updated_at = new Date().toISOString();
      await db
        .updateTable("memories")
        .set({ ...change, updated_at })
        .where("id", "=", id)
        .execute();
      return memoryOf({ ...old, ...change, updated_at });
    });
  }

  /** @returns whether there was one */
  remove(user: UserId, id: MemoryId): Promise<boolean> {
    return this.#change(user, async (db, before) => {
      if (!before.some((row) => row.id === id)) return false;
      await db.deleteFrom("memories").where("id", "=", id).execute();
      return true;
    });
  }

  #change<T>(user: UserId, work: (db: Db, before: MemoryRow[]) => Promise<T>): Promise<T> {
    return this.#db.transaction().execute(async (transaction) => {
      await lockNotes(transaction, user);
      return work(transaction, await rowsOf(transaction, user));
    });
  }
}

function unknownNote(path: string): AppError {
  const message = "is no note of yours, or is named twice (GET /api/v1/users/me/memory)";
  return new AppError("invalid_request", `"${path}": ${message}.`, { errors: [{ path, message }] });
}

function rowsOf(db: Db, user: UserId): Promise<MemoryRow[]> {
  return db.selectFrom("memories").selectAll().where("user_id", "=", user).orderBy("id").execute();
}

function memoryOf({ id, type, content, created_at, updated_at, run_id }: MemoryRow): Memory {
  return {
    ...{ id: id as MemoryId, type: type as MemoryType, content, created_at, updated_at },
    ...(run_id === null ? {} : { run_id: run_id as RunId }),
  };
}
