// The notes as the server has them. They are replaced as a whole, so each change begins with those of this moment: what the agent has
// written meanwhile stays, and a note that was changed meanwhile is not overwritten unseen.
import type { Memory, MemoryType } from "../../contracts/memory.ts";
import { call } from "../store/account.ts";

export type Note = Memory;
export type Written = { type: MemoryType; content: string };

export const readNotes = async (): Promise<Note[]> =>
  (await call("GET /users/me/memory", {})).memories as Note[];

/** @throws ApiError */
export async function addNote(written: Written): Promise<Note[]> {
  return write([...(await readNotes()), written]);
}

/** `conflict`: it is another one now, or gone (`now` undefined); nothing was changed. */
export type Changed = { notes: Note[] } | { conflict: true; now: Note | undefined; notes: Note[] };

/** @param seen as the person saw it when they began @throws ApiError */
export async function changeNote(seen: Note, written: Written): Promise<Changed> {
  const notes = await readNotes();
  const now = notes.find(({ id }) => id === seen.id);
  if (now?.updated_at !== seen.updated_at) return { conflict: true, now, notes };
  // Without its times and its run: it is the person's from now on.
  return {
    notes: await write(notes.map((note) => (note.id === seen.id ? { id: note.id, ...written } : note))),
  };
}

/** @throws ApiError */
export async function removeNote({ id }: Note): Promise<Note[]> {
  return write((await readNotes()).filter((note) => note.id !== id));
}

async function write(memories: (Note | Written)[]): Promise<Note[]> {
  return (await call("PUT /users/me/memory", { memories } as never)).memories as Note[];
}
