// A Mac that says as much as a hub takes of it, for ever: pieces of output, which are the largest that are read, just below the rate at
// which it would be cut off. Started by goals/mac-flood.ts: the edge's address, the folder of a Mac that was paired.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect, jwtAuthenticator } from "nats";
import { endWithParent, type Ready } from "./measure/announce.ts";

const [url = "", folder = ""] = process.argv.slice(2);
const read = (file: string) => readFileSync(join(folder, file), "utf8");
const { jwt } = JSON.parse(read("credentials.json")) as { jwt: string };
const { node_id } = JSON.parse(read("identity.json")) as { node_id: string };

/** 2,000 messages and 16 MB a second are allowed (lib/edge/bus/flood.ts). */
const EVERY_MS = 10;
const MESSAGES = 19;
const TEXT = "x".repeat(7_800);

const nats = await connect({
  ...{ servers: url, reconnect: false },
  authenticator: jwtAuthenticator(jwt, Buffer.from(read("key.seed").trim())),
});
void nats.closed().then(() => {
  process.stderr.write("it was cut off\n");
  process.exit(1);
});
const instanceID = crypto.randomUUID();
const say = (command: string, said: object) =>
  nats.publish(
    `MOL-edge.${command}.${node_id}.hub.all`,
    JSON.stringify({ ver: "5", sender: node_id, ...said }),
  );
say("INFO", { services: [], instanceID, seq: 1 });
let due = performance.now();
setInterval(() => {
  // What a timer was late is made up for.
  for (; due <= performance.now(); due += EVERY_MS)
    for (let message = 0; message < MESSAGES; message += 1)
      say("OUT", { call_id: "call_of_nobody", stream: "stdout", text: TEXT });
}, EVERY_MS);
process.send?.({ type: "ready", port: 0 } satisfies Ready);
endWithParent();
