// What Redis does in one step (Lua), with Redis' own clock: the clocks of several machines are never compared. Each script has one key,
// so that it runs in a cluster. Whatever is found under a key that is not ours counts as nothing and is written over.
import type { Result } from "ioredis";

const NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)";

/** `count:endsAt` of the window that is on now, as in lib/embedded/memory-ports.ts; 0 and the end of a new one unless it is there. */
const WINDOW = `
${NOW}
local length = tonumber(ARGV[1])
local count, ends = 0, (math.floor(now / length) + 1) * length
local kept = redis.pcall('GET', KEYS[1])
if type(kept) == 'string' then
  local c, e = string.match(kept, '^(%d+):(%d+)$')
  c, e = tonumber(c), tonumber(e)
  if c and e > now and e - now <= length then count, ends = c, e end
end
local function keep()
  redis.call('SET', KEYS[1], string.format('%.0f:%.0f', count, ends), 'PX', ends - now)
end`;

/** @returns taken (1 or 0), how many are counted, ms until the end, the end */
const TAKE = `${WINDOW}
local ok = 0
if count < tonumber(ARGV[2]) then
  ok, count = 1, count + 1
  keep()
end
return { ok, count, ends - now, ends }`;

const PEEK = `${WINDOW}
return count`;

/** The second argument is the end of the window that is meant; 0 for whichever is on now. */
const GIVE_BACK = `${WINDOW}
local meant = tonumber(ARGV[2])
if count > 0 and (meant == 0 or meant == ends) then
  count = count - 1
  keep()
end
return count`;

/** Only while nobody else has it; what has no end is no lock. @returns 1 or 0 */
const LOCK = `
if redis.call('PTTL', KEYS[1]) == -1 then redis.call('DEL', KEYS[1]) end
if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0`;

const RENEW = `
if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0`;

const RELEASE = `
if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** A set by the times at which each ends; it lasts as long as its last member. */
const BEAT = `
${NOW}
if redis.call('TYPE', KEYS[1]).ok ~= 'zset' then redis.call('DEL', KEYS[1]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local ends = now + tonumber(ARGV[2])
local known = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or 0)
if ends > known then redis.call('ZADD', KEYS[1], string.format('%.0f', ends), ARGV[1]) end
if redis.call('PTTL', KEYS[1]) < ends - now then redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ends - now)) end
return 1`;

const MEMBERS = `
${NOW}
local members = redis.pcall('ZRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf')
if members.err then return {} end
return members`;

const MEMBER_COUNT = `
${NOW}
local count = redis.pcall('ZCOUNT', KEYS[1], string.format('(%.0f', now), '+inf')
if type(count) == 'table' then return 0 end
return count`;

/** Where it is still as it was seen before the value was loaded: nobody has removed or set it since. @returns 1 or 0 */
const CACHE_KEEP = `
local kept = redis.pcall('GET', KEYS[1])
if type(kept) == 'table' or (kept or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;

/** Leaves a mark, for which a server that is full has no room; then it is gone at least. */
const CACHE_REMOVE = `
local marked = redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if marked.err then redis.call('DEL', KEYS[1]) end
return 1`;

const script = (lua: string, readOnly = false) => ({ lua, numberOfKeys: 1, readOnly });

/** Sent as text at first and by their hash from then on; a server that has forgotten them gets them again. */
export const SCRIPTS = {
  windowTake: script(TAKE),
  windowPeek: script(PEEK),
  windowGiveBack: script(GIVE_BACK),
  lockTake: script(LOCK),
  lockRenew: script(RENEW),
  lockRelease: script(RELEASE),
  presenceBeat: script(BEAT),
  presenceMembers: script(MEMBERS),
  presenceCount: script(MEMBER_COUNT),
  cacheKeep: script(CACHE_KEEP),
  cacheRemove: script(CACHE_REMOVE),
};

declare module "ioredis" {
  interface RedisCommander<Context> {
    windowTake(
      key: string,
      windowMs: number,
      limit: number,
    ): Result<[number, number, number, number], Context>;
    windowPeek(key: string, windowMs: number): Result<number, Context>;
    windowGiveBack(key: string, windowMs: number, endsAt: number): Result<number, Context>;
    lockTake(key: string, token: string, ttlMs: number): Result<number, Context>;
    lockRenew(key: string, token: string, ttlMs: number): Result<number, Context>;
    lockRelease(key: string, token: string): Result<number, Context>;
    presenceBeat(key: string, member: string, ttlMs: number): Result<number, Context>;
    presenceMembers(key: string): Result<string[], Context>;
    presenceCount(key: string): Result<number, Context>;
    cacheKeep(key: string, seen: string, text: string, ttlMs: number): Result<number, Context>;
    cacheRemove(key: string, mark: string, ttlMs: number): Result<number, Context>;
  }
}
