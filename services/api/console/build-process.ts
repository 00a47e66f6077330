// The process that makes the files of the console and ends: the bundler's native code would keep 180 MB of the gateway (docs/decisions/2026-12-01-console-bundle.md).
import { buildConsole } from "./build.ts";

process.stdout.write(JSON.stringify(await buildConsole()));
