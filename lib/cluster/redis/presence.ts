// Who is there in all processes, by Redis' clock; while it is away those who beat in this one.
import { KEPT } from "../../ports/keys.ts";
import type { Presence } from "../../ports/presence.ts";
import type { RedisLink } from "./open-redis.ts";

/** @param own of this process, which knows those who beat in it at any time */
export function redisPresence(redis: RedisLink, own: Presence): Presence {
  return {
    async beat(member, ttlMs) {
      await own.beat(member, ttlMs);
      await redis.write<unknown>(
        (client) => client.presenceBeat(KEPT.presence, member, ttlMs),
        () => undefined,
      );
    },
    members: () =>
      redis.write(
        (client) => client.presenceMembers(KEPT.presence),
        () => own.members(),
      ),
    count: () =>
      redis.write(
        (client) => client.presenceCount(KEPT.presence),
        () => own.count(),
      ),
  };
}
