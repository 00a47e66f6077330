// WebSocket connections whose certificate is checked with authorities of one's own besides the system's. Loaded only where one is opened.
import * as tls from "node:tls";
import { Agent, WebSocket } from "undici";

/**
 * Begins to open one; whether it opens is told by its events.
 * @param url `wss://`, or `ws://` to this machine
 * @param authorities more authorities for the certificate, in PEM
 */
export function openWebSocket(url: string, authorities?: string): WebSocket {
  const known = [...new Set([...tls.getCACertificates("default"), ...tls.getCACertificates("system")])];
  const ca = authorities === undefined ? known : [...known, authorities];
  const dispatcher = new Agent({ connect: { ca } });
  const socket = new WebSocket(url, { dispatcher });
  // What it has of its own ends with it.
  socket.addEventListener("close", () => void dispatcher.destroy());
  return socket;
}
