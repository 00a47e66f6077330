// Jest's globalTeardown of the flow tests on clusters.
import { shared } from "./shared-servers.ts";

export default async function stop(): Promise<void> {
  await shared.stopShared?.();
}
