// Runs in a worker thread: one bcrypt computation at a time, so that the main thread never stalls (G17).
import bcrypt from "bcryptjs";

export type HashTask =
  | { type: "hash"; input: string; cost: number }
  | { type: "compare"; input: string; hash: string };

/** @returns the bcrypt hash, or whether the input fits the hash */
export default function work(task: HashTask): string | boolean {
  return task.type === "hash"
    ? bcrypt.hashSync(task.input, task.cost)
    : bcrypt.compareSync(task.input, task.hash);
}
