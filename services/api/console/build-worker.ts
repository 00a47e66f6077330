// The thread that makes the files of the console: neither the gateway's requests wait for it, nor does its warning that Node's stripping
// of types is young reach a person.
import { parentPort } from "node:worker_threads";
import { buildConsole } from "./build.ts";

parentPort?.postMessage(await buildConsole());
