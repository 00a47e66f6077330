// The process that documentdb.ts starts: PostgreSQL with DocumentDB as its child, and the gateway in front. Both end together, as one server
// does.

import { type EnginePlace, startEngine } from "./engine.ts";
import { listen } from "./gateway.ts";

const { port, ...place } = JSON.parse(process.argv[2] ?? "") as EnginePlace & { port: number };
const engine = await startEngine(place);
engine.process.once("exit", () => process.exit(1));
process.once("SIGTERM", () => void engine.stop());
await listen(engine.pool, port);
