// What the program of a Mac and the bus know of each other: the program keeps key, credentials, policy and freezing, the bus brings
// calls. `serveNode` (serve-node.ts) is given one Serve; a test gives its own.
import type { EdgeCredentials } from "../../contracts/pairing.ts";
import type { Crash } from "../../lib/crash-points.ts";
import type { Log } from "../../lib/log.ts";
import type { LivePolicy } from "../policy/live-policy.ts";
import type { SecretSource } from "../secrets/call-secrets.ts";
import type { NodeFolder } from "./folder.ts";
import type { Freezer } from "./freeze.ts";
import type { Identity } from "./identity.ts";
import type { OwnJournal } from "./journal-identity.ts";
import type { NodeKey } from "./key.ts";

/** `cut_off`: it was connected and is not any more; it comes back by itself. */
export type ServingState = { state: "connecting" | "connected" | "cut_off"; since: Date };

export type ServeGiven = {
  folder: NodeFolder;
  identity: Identity;
  key: NodeKey;
  /** Asked with each call. */
  policy: LivePolicy;
  /** Asked with each call, and heard while calls run. */
  freezer: Freezer;
  secrets: SecretSource;
  /** Of who has the folder for himself. */
  journal?: OwnJournal | undefined;
  /** More authorities for the bus's certificate, in PEM. */
  authorities: string | undefined;
  /** Good ones for each new connection, however long they take. @throws NodeProblem when this Mac is revoked or stops */
  credentials(): Promise<EdgeCredentials>;
  /** The bus does not take these: the server is asked for others, or says that this Mac is revoked. */
  refused(credentials: EdgeCredentials): void;
  log: Log;
  /** To be told of each change of `state`. */
  onChange(state: ServingState): void;
  /** To be told of what ends the serving: it is stopped then. */
  onProblem(error: Error): void;
  /** For tests. */
  crash?: Crash;
};

/** `stop` ends what runs, says goodbye to the hub and lets go of everything; it may be called twice. */
export type Serving = { stop(): Promise<void>; state(): ServingState };

/** Resolves when everything is ready to take calls, connected or not. @throws Error in words when it cannot be */
export type Serve = (given: ServeGiven) => Promise<Serving>;
