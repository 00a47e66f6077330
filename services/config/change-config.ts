// Changes the configuration: sets it, or brings former values back. Every change is in the audit trail, also one after which the process died.
import { isDeepStrictEqual } from "node:util";
import type { Caller } from "../../contracts/access.ts";
import type { Overrides } from "../../contracts/config.ts";
import type { UserId } from "../../contracts/ids.ts";
import { SETTINGS } from "../../contracts/settings.ts";
import { requireAllRights } from "../../lib/broker/authorization.ts";
import { AppError, isType } from "../../lib/errors.ts";
import { newId } from "../../lib/ids.ts";
import type { AuditTrail } from "../../lib/ports/audit.ts";
import type { ConfigStore, StoredConfig } from "../../lib/ports/config.ts";
import { type ConfigDocument, documentOf } from "../../lib/settings/stored-overrides.ts";

export type Rooms = { config: ConfigStore; audit: AuditTrail };
type Given = Record<string, unknown> | Overrides;

/** Times that a change without a revision is tried again when others change it at the same moment. */
const TRIES = 10;
/** Unknown settings that a refusal names. */
const NAMED = 50;

/**
 * Puts these values in the place of all that is overridden.
 * @param revision the only one that may be replaced; whichever there is unless given
 * @throws invalid_request for a setting that this version does not know, unless it is stored with that very value (a newer version did);
 * precondition_failed when another is there; scope_missing where it gives rights that the caller's key has not; store_unavailable, after which it may have been done
 */
export function setConfig(
  rooms: Rooms,
  caller: Caller,
  overrides: Given,
  revision: number | undefined,
): Promise<StoredConfig> {
  return change(rooms, caller, revision, async (present) => {
    requireKnown(overrides, overridesOf(present));
    return overrides;
  });
}

/**
 * Brings former values back, as a new change: repeated, it goes back and forth between two.
 * @param to their revision; those before the last change unless given
 * @throws not_found when they are not kept (any more); as `setConfig`
 */
export function revertConfig(
  rooms: Rooms,
  caller: Caller,
  to: number | undefined,
  revision: number | undefined,
): Promise<StoredConfig> {
  return change(rooms, caller, revision, async (present) => {
    if (to === 0) return {};
    const former = (await rooms.config.history()).filter(
      (stored) => stored.revision < (present?.revision ?? 0),
    );
    // Before the first change nothing was overridden.
    if (to === undefined && present && former.length === 0) return {};
    const wanted = to === undefined ? former[0] : former.find((stored) => stored.revision === to);
    const document = wanted && documentOf(wanted);
    if (document) return document.overrides;
    throw new AppError(
      "not_found",
      to === undefined
        ? "The configuration was never changed: there is nothing to go back to."
        : `There are no former values with the revision ${to}. GET /api/v1/admin/config/history shows those that are kept.`,
    );
  });
}

async function change(
  rooms: Rooms,
  caller: Caller,
  revision: number | undefined,
  valuesOver: (present: StoredConfig | undefined) => Promise<Given>,
): Promise<StoredConfig> {
  for (let tries = 1; ; tries += 1) {
    const present = await rooms.config.read();
    requireRevision(present, revision);
    const document = documentBy(caller, await valuesOver(present));
    requireRightTo(caller, changesBetween(overridesOf(present), document.overrides));
    // The one before is in the trail first: then none is left out, whenever a process dies.
    await auditChange(rooms, present);
    try {
      const written = await rooms.config.write(present?.revision ?? 0, document);
      const stored = { revision: written, document };
      await auditChange(rooms, stored, present);
      return stored;
    } catch (thrown) {
      if (!isType(thrown, "conflict") || (revision === undefined && tries === TRIES)) throw thrown;
    }
  }
}

function requireKnown(given: Given, stored: Record<string, unknown>): void {
  const strange = Object.entries(given)
    .filter(([name, value]) => !Object.hasOwn(SETTINGS, name) && !isDeepStrictEqual(stored[name], value))
    .map(([name]) => name);
  if (strange.length === 0) return;
  const errors = strange.slice(0, NAMED).map((name) => ({
    path: `overrides.${name}`,
    message: "is no setting of this version: it may be left out, or stay as it is stored",
  }));
  throw new AppError("invalid_request", `"${errors[0]?.path}": ${errors[0]?.message}`, { errors });
}

function requireRevision(present: StoredConfig | undefined, wanted: number | undefined): void {
  const revision = present?.revision ?? 0;
  if (wanted === undefined || wanted === revision) return;
  throw new AppError(
    "precondition_failed",
    `The configuration has the revision ${revision} now, not ${wanted}: read it again and decide anew.`,
    { show: { revision } },
  );
}

/** A key that may not answer questions, or not use tools, must not get there by a change of what is asked. */
const GIVES_RIGHTS = ["policy", "host_tools"];

function requireRightTo(caller: Caller, changes: Record<string, unknown>): void {
  if (GIVES_RIGHTS.some((name) => Object.hasOwn(changes, name)))
    requireAllRights(caller, "Changing the policy, or who may use this machine's tools,");
}

function documentBy({ user_id, key_id }: Caller, overrides: Given): ConfigDocument {
  return {
    id: newId("event"),
    changed_at: new Date().toISOString(),
    // A service for itself: the REPL, the start.
    changed_by: user_id || "system",
    ...(key_id === undefined ? {} : { changed_by_key: key_id }),
    overrides: { ...overrides },
  };
}

/**
 * Writes a change into the trail; again, it changes nothing.
 * @param former what it replaced; looked up unless given
 */
export async function auditChange(
  { config, audit }: Rooms,
  stored: StoredConfig | undefined,
  former?: StoredConfig,
): Promise<void> {
  const document = stored && documentOf(stored);
  if (!document) return;
  const replaced = former ?? (await config.history()).find(({ revision }) => revision < stored.revision);
  await audit.append({
    subject: "config",
    entry: `config.changed ${document.id}`,
    user_id: document.changed_by as UserId,
    details: {
      by: document.changed_by,
      ...(document.changed_by_key ? { by_key: document.changed_by_key } : {}),
      revision: stored.revision,
      changes: changesBetween(overridesOf(replaced), document.overrides),
    },
  });
}

function overridesOf(stored: StoredConfig | undefined): Record<string, unknown> {
  return (stored && documentOf(stored)?.overrides) ?? {};
}

/** By setting: what was overridden before and after; null where nothing was. */
function changesBetween(before: Record<string, unknown>, after: Record<string, unknown>) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  const changed = names.filter((name) => !isDeepStrictEqual(before[name], after[name]));
  return Object.fromEntries(
    changed.map((name) => [name, { before: before[name] ?? null, after: after[name] ?? null }]),
  );
}
