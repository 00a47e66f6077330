import { describe, expect, test } from "@jest/globals";
import { readRedisUrl } from "../../../../../lib/cluster/redis/redis-url.ts";

describe("REDIS_URL", () => {
  test.each([
    ["redis://localhost", { kind: "server", isTls: false, addresses: [{ host: "localhost", port: 6379 }] }],
    ["redis://[::1]:7000/5", { addresses: [{ host: "::1", port: 7000 }], database: 5 }],
    [
      "rediss://ann:p%40ss@redis.example.com:6380",
      { isTls: true, credentials: { username: "ann", password: "p@ss" } },
    ],
    ["redis://:only@127.0.0.1", { credentials: { password: "only" }, shown: "Redis at 127.0.0.1:6379" }],
    [
      "rediss+sentinel://:pw@a.example:1,b.example/my%20master/2?sentinel_password=s&sentinel_username=u",
      {
        kind: "sentinel",
        isTls: true,
        addresses: [
          { host: "a.example", port: 1 },
          { host: "b.example", port: 26_379 },
        ],
        master: "my master",
        database: 2,
        credentials: { password: "pw" },
        sentinelCredentials: { username: "u", password: "s" },
        shown: 'Redis ("my master" of the Sentinels a.example:1, b.example:26379)',
      },
    ],
    ["redis+cluster://127.0.0.1:1,127.0.0.2:2", { kind: "cluster", master: "", database: 0 }],
  ])("%s", (url, read) => {
    expect(readRedisUrl(url)).toMatchObject(read);
  });

  test.each([
    "",
    "http://localhost",
    "redis://",
    "redis://localhost:0",
    "redis://localhost:70000",
    "redis://localhost/zero",
    "redis://localhost/1/2",
    "redis://s3cret@localhost",
    "redis://:s3cret%zz@localhost",
    "redis://:s3cret/1@localhost",
    "redis://localhost,localhost",
    "redis://localhost?tls=s3cret",
    "redis+sentinel://localhost",
    "redis+cluster://localhost/1",
    "redis+other://localhost",
  ])("%s is refused in words that show no secret", (url) => {
    expect(() => readRedisUrl(url)).toThrow(/^REDIS_URL cannot be read: .*It is redis:\/\/host:6379/);
    expect(() => readRedisUrl(url)).not.toThrow(/s3cret/);
  });

  test.each([
    "redis://:s3cret@redis.example.com",
    "redis+cluster://127.0.0.1,10.0.0.1",
    "redis+sentinel://10.0.0.1/m",
  ])("%s is refused: without TLS only this machine is connected", (url) => {
    expect(() => readRedisUrl(url)).toThrow(/is not this machine, and without TLS .* Use rediss:/);
    expect(() => readRedisUrl(url)).not.toThrow(/s3cret/);
  });
});
