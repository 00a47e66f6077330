// A process of the cluster with the service `far`, until it is killed: see test/cluster/bus-faults.test.ts.
import { startBusNode } from "./bus-node.ts";
import { farService } from "./far-service.ts";

const [url = "", nodeID = ""] = process.argv.slice(2);
const node = await startBusNode({
  url,
  nodeID,
  services: [farService((text) => process.stdout.write(`begun ${text}\n`))],
});
process.stdout.write("ready\n");
process.once("SIGTERM", () => node.stop().then(() => process.exit(0)));
