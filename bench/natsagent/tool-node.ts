// Natsagent's machine with tools: answers after the time that the tool takes.
import { connect } from "nats";
import { endWithParent, type Ready } from "../measure/announce.ts";

const [url = ""] = process.argv.slice(2);
const nats = await connect({ servers: url });

const TOOLS: Record<string, number> = { bench_wait: 200, bench_now: 0 };

for (const [name, ms] of Object.entries(TOOLS))
  nats.subscribe(`node.tool.${name}`, {
    callback(error, message) {
      if (error) return;
      const answer = () => void message.respond(JSON.stringify({ ok: true }));
      if (ms === 0) answer();
      else setTimeout(answer, ms);
    },
  });
process.send?.({ type: "ready", port: 0 } satisfies Ready);
endWithParent();
