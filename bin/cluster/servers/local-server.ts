// What a server that is started on this machine is, to `npm run cluster` and to the tests. Each file beside this one starts one; where
// they come from says find-server.ts.

export type LocalServer = {
  /** What its clients are given. It stays the same over restarts, and so does the port. */
  readonly url: string;
  readonly port: number;
  /** Of its first process; another one after each restart. */
  readonly pid: number;
  /** As it names itself: `15.18`. */
  readonly version: string;
  /** Its data; below the folder of temporary files unless given. */
  readonly folder: string;
  /** Ends it, and removes its data unless their folder was given; may be called twice. */
  stop(): Promise<void>;
  /** SIGKILL to all of its processes. Its data stay, and `restart` starts it on them. */
  kill(): Promise<void>;
  /** SIGSTOP to all of its processes: connections stand and are even made, and nothing is answered. */
  pause(): Promise<void>;
  /** Lets it go on after `pause`. */
  resume(): void;
  /** The same port and data: stops it in order where it runs, and answers as soon as it serves again. */
  restart(): Promise<void>;
};
