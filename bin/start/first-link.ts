// The link of the banner by which whoever has just started the server comes into the console; once somebody has logged in as the owner,
// `npm run console` prints one.
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import { callAs, SYSTEM } from "../../lib/broker/action.ts";
import { toError } from "../../lib/errors.ts";
import { logOf } from "../../lib/log.ts";
import { readSecretFile } from "../../lib/secret-file.ts";
import { consoleLink } from "../terminal/console-link.ts";
import { type Facts, reachableUrl } from "./facts.ts";

/**
 * A link with a one-time code, asked for with the owner's key, as anybody asks who has that. None when the owner has logged in
 * before.
 * @param url as the gateway listens
 */
export async function firstLink(
  broker: ServiceBroker,
  home: string,
  url: string,
): Promise<Pick<Facts, "consoleLink">> {
  const token = readSecretFile(join(home, "owner.key"));
  if (token === undefined) return {};
  try {
    const { caller } = await callAs(broker, "start", SYSTEM, "users.resolveToken", { token });
    const { user } = await callAs(broker, "start", caller, "users.me", {});
    if (user.last_login_at !== null) return {};
    const { code } = await callAs(broker, "start", caller, "users.createSignInCode", {});
    return { consoleLink: consoleLink(reachableUrl(url), code) };
  } catch (thrown: unknown) {
    // The server runs all the same: an admin may have disabled the account, or taken scopes from the key.
    logOf(broker, "start").info({ err: toError(thrown) }, "no link to the console was made");
    return {};
  }
}
