// The configuration as it was read, and writing over exactly that.
import { useSignal } from "@preact/signals";
import type { ConfigView } from "../../contracts/answers/admin.ts";
import { ApiError } from "../../lib/client/api-error.ts";
import { type Loaded, useLoaded } from "../shell/use-loaded.ts";
import { call } from "../store/account.ts";
import { Said } from "../store/say-error.ts";
import { CONFIG, titleOf } from "../texts/config.ts";
import { changesBetween } from "./config-values.ts";

type Send = (options: { headers: Record<string, string> }) => Promise<ConfigView>;
/** @throws Said where somebody else was quicker: what is there now is shown then */
export type Write = (send: Send) => Promise<void>;

/** `tries`: how often it was written from here. */
export function useConfig(): { loaded: Loaded<ConfigView>; write: Write; tries: number } {
  const loaded = useLoaded(() => call("GET /admin/config", {}));
  const tries = useSignal(0);
  const view = loaded.value;
  const write: Write = async (send) => {
    if (!view) return;
    try {
      loaded.set(await send({ headers: { "if-match": `"${view.revision}"` } }));
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || thrown.code !== "precondition_failed") throw thrown;
      const now = await call("GET /admin/config", {});
      loaded.set(now);
      const names = changesBetween(view.overrides, now.overrides).map(({ name }) => titleOf(name));
      throw new Said(CONFIG.meanwhile({ names: names.join(", ") || CONFIG.same() }));
    } finally {
      tries.value += 1;
    }
  };
  return { loaded, write, tries: tries.value };
}
