// The bus, loaded by those commands only that serve: the others start in a moment.
import type { Serve } from "../../mac-node/program/serving.ts";

export async function openServe(): Promise<Serve> {
  return (await import("../../mac-node/serve-edge.ts")).serveEdge;
}
