// What was said in the session before this run: read once for a run, because nothing is added while it works.
import type { Turn } from "../engine/turn.ts";
import { askService } from "../rooms.ts";
import { type Exchange, exchangesOf } from "./exchanges.ts";

export type History = {
  /** The newest exchanges of the session, oldest first, without this run's own. */
  exchanges: Exchange[];
  /** There are no older ones. */
  isWhole: boolean;
};

/** More is not read than could fit: a token has about four bytes, and old results are cut to an eighth. */
const BYTES_PER_TOKEN = 8;
const MOST_BYTES = 4_000_000;

const known = new WeakMap<Turn, Promise<History>>();

/** @param window tokens the model can take */
export function readHistory(turn: Turn, window: number): Promise<History> {
  const history = known.get(turn) ?? read(turn, window);
  known.set(turn, history);
  return history;
}

async function read(turn: Turn, window: number): Promise<History> {
  const { rooms, run, caller } = turn;
  const { messages, complete } = await askService(rooms, caller, "sessions.recent", {
    id: run.session_id,
    max_bytes: Math.min(window * BYTES_PER_TOKEN, MOST_BYTES),
  });
  const earlier = messages.filter((message) => message.run_id !== run._id);
  return { exchanges: exchangesOf(earlier, complete), isWhole: complete };
}
