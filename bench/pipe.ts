// Reference "pipe": copies bytes to the upstream and back, the limit of node:http. Started by run.ts with the upstream's port.
import { Agent, request as ask, createServer } from "node:http";
import { announce } from "./measure/announce.ts";

const upstreamPort = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true });

const server = createServer({ noDelay: true, keepAliveTimeout: 600_000 }, (request, response) => {
  const { method, url, headers } = request;
  const upstream = ask({ host: "127.0.0.1", port: upstreamPort, method, path: url, headers, agent });
  upstream.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  upstream.on("error", () => response.destroy());
  response.on("close", () => upstream.destroy());
  request.pipe(upstream);
});
announce(server);
