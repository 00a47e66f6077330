// Where the gateway listens, for whoever starts it: without its code, which a process without a gateway does not load.
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Service } from "moleculer";

/** The HTTP server of the gateway, once started. */
export function serverOf(api: Service): Server | undefined {
  return (api as Service & { server?: Server }).server;
}

/** The URL the gateway listens on, once started. */
export function urlOf(api: Service): string {
  const address = serverOf(api)?.address() as AddressInfo;
  const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
