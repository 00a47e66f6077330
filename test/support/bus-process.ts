// A process of the cluster with the service `far`, until it is killed: see test/cluster/bus-faults.test.ts.
import { s3ForBus } from "../../lib/cluster/s3/bus-objects.ts";
import { startBusNode } from "./bus-node.ts";
import { farService } from "./far-service.ts";

const [url = "", nodeID = "", s3] = process.argv.slice(2);
const node = await startBusNode({
  url,
  nodeID,
  ...(s3 ? { objects: s3ForBus(s3, { warn: () => undefined }) } : {}),
  services: [farService((text) => process.stdout.write(`begun ${text}\n`))],
});
process.stdout.write("ready\n");
process.once("SIGTERM", () => node.stop().then(() => process.exit(0)));
