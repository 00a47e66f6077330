// What programs take from `macjarvis/client`.
export { ApiError, NotMacJarvis, NotReached } from "./api-error.ts";
export { type CallOptions, Client, type ClientOptions } from "./client.ts";
export type { Answered, Given, PathName, Paths } from "./paths.ts";
export { type Beginning, runAsItEnded, runStream, type StreamOptions } from "./run-stream.ts";
export { userStream } from "./user-stream.ts";
