// The folder of a paired Mac: what lies where in it, private to its owner.
import { chmodSync, existsSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ensureFolder } from "../../lib/ensure-folder.ts";
import { reasonOfSystem } from "../../lib/unusable.ts";
import { NodeProblem } from "./problem.ts";

/** Absolute paths. */
export type NodeFolder = {
  path: string;
  /** Whom this Mac is paired with; it is paired when this is there. */
  identity: string;
  /** The seed of its key. Never leaves this machine. */
  seed: string;
  credentials: string;
  /** Authorities given with `--ca`, in PEM. */
  authorities: string;
  policy: string;
  secrets: string;
  journal: string;
  /** For each pairing: its own record of the calls it ran, and whether the server has frozen it. */
  records: string;
  plugins: string;
  log: string;
  /** The program's code as it was compiled last. */
  codeCache: string;
  /** There while the Mac is frozen. */
  frozen: string;
  /** Who serves now. */
  holder: string;
  /** What the one who serves says of itself. */
  state: string;
};

export function nodeFolder(path: string): NodeFolder {
  return {
    path,
    identity: join(path, "identity.json"),
    seed: join(path, "key.seed"),
    credentials: join(path, "credentials.json"),
    authorities: join(path, "authorities.pem"),
    policy: join(path, "policy.json"),
    secrets: join(path, "secrets.json"),
    journal: join(path, "journal"),
    records: join(path, "records"),
    plugins: join(path, "plugins"),
    log: join(path, "log"),
    codeCache: join(path, "code-cache"),
    frozen: join(path, "frozen"),
    holder: join(path, "pid"),
    state: join(path, "state.json"),
  };
}

/**
 * Makes the folder (mode 0700), takes it from others who may look into it, and finds out whether it takes a file: before a
 * code is spent that works once.
 * @throws NodeProblem `folder`
 */
export function prepareNodeFolder({ path, log }: NodeFolder): void {
  try {
    if (isPlaceOfOthers(path)) throw new Error("it is a place for more than MacJarvis");
    ensureFolder(path);
    chmodSync(path, 0o700);
    ensureFolder(log);
    const probe = join(path, `.probe-${process.pid}`);
    writeFileSync(probe, "", { mode: 0o600 });
    rmSync(probe);
  } catch (thrown) {
    throw new NodeProblem({ kind: "folder", path, why: reasonOfSystem(thrown) }, { cause: thrown });
  }
}

/** Removes what the program has made in it, and the folder when nothing else is there: plugins and files of others stay. */
export function purgeNodeFolder({ path, plugins: _plugins, ...ours }: NodeFolder): void {
  for (const each of Object.values(ours)) rmSync(each, { recursive: true, force: true });
  try {
    rmdirSync(path);
  } catch {
    // Somebody has put something there.
  }
}

/** The root, the home folder, or a folder like `/tmp` that many write into: closing it would break the machine. */
function isPlaceOfOthers(path: string): boolean {
  return path === "/" || path === homedir() || (existsSync(path) && (statSync(path).mode & 0o1000) !== 0);
}
