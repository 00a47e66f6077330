// Whose a server's processes and files are, where that is not who runs the tests.
import { readFileSync } from "node:fs";

export type Owner = { uid: number; gid: number };

/** PostgreSQL refuses to be run by root: then it is the user's that its package has made. */
export function ownerBesidesRoot(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8"));
  if (!user) {
    throw new Error(
      "PostgreSQL does not run as root, and there is no user postgres: adduser --system --group postgres",
    );
  }
  return { uid: Number(user[1]), gid: Number(user[2]) };
}
