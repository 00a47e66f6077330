import { describe, expect, test } from "@jest/globals";
import { duration, shortDate } from "../../../bin/terminal/format.ts";
import { type Language, textsFor } from "../../../bin/terminal/texts.ts";
import { whyUnreachable } from "../../../bin/terminal/why-unreachable.ts";

/** As `fetch` throws it: the network's own error lies inside. */
const failed = (cause: unknown) => Object.assign(new TypeError("fetch failed"), { cause });
const coded = (code: string) => Object.assign(new Error(`${code} 10.0.0.1:3000`), { code });
const words = (thrown: unknown, url = "http://jarvis.example", language: Language = "en") =>
  whyUnreachable(url, thrown, textsFor(language));

describe("a server that cannot be reached", () => {
  test.each([
    [failed(coded("ECONNREFUSED")), "nothing listens there. Check MACJARVIS_URL"],
    [failed(new AggregateError([coded("ECONNREFUSED"), coded("ENETUNREACH")])), "nothing listens there"],
    [failed(coded("UND_ERR_SOCKET")), "the connection was cut"],
    [new TypeError("terminated"), "the connection was cut"],
    [failed(coded("ECONNRESET")), "the connection was cut"],
    [failed(coded("ENOTFOUND")), "no machine has this name. Check the network"],
    [failed(coded("EADDRNOTAVAIL")), "there is no way to that address. Check the network"],
    [failed(coded("UND_ERR_CONNECT_TIMEOUT")), "nothing came back in time"],
    [failed(coded("DEPTH_ZERO_SELF_SIGNED_CERT")), "its certificate is not trusted. Mend"],
    [failed(coded("ERR_TLS_CERT_ALTNAME_INVALID")), "its certificate is not trusted"],
    [failed(coded("ERR_SSL_PACKET_LENGTH_TOO_LONG")), "it does not speak https"],
    [failed(new Error("unexpected redirect")), "it sends on to another address"],
    [failed(new Error("bad port")), "this port is reserved"],
    [failed(coded("EWHATEVER")), "there is no connection"],
    [new Error("anything"), "there is no connection"],
  ])("%s is told in words, without the code", (thrown, said) => {
    for (const language of ["en", "zh"] as const) {
      const told = words(thrown, undefined, language);
      expect(told).not.toMatch(/\b(E[A-Z]{4,}|UND_ERR|ERR_)|fetch failed|terminated/);
    }
    expect(words(thrown)).toContain(`No server answers at http://jarvis.example: ${said}`);
  });

  test("on this machine is started; one that does not answer is for the doctor; port 0 is nowhere", () => {
    expect(words(failed(coded("ECONNREFUSED")), "http://127.0.0.1:3000")).toContain(
      "Start it with: npm start",
    );
    expect(words(new DOMException("x", "TimeoutError"))).toContain("npm run doctor");
    expect(words(failed(coded("EADDRNOTAVAIL")), "http://127.0.0.1:0")).toContain("set MACJARVIS_URL");
  });
});

test("durations and moments are told as people say them", () => {
  expect([340, 4_200, 185_000, 18_180_000, 345_600_000].map((ms) => duration(ms))).toEqual([
    "340 ms",
    "4.2 s",
    "3 min 5 s",
    "5 h 3 min",
    "4 days",
  ]);
  expect(duration(185_000, textsFor("zh"))).toBe("3 分 5 秒");
  const now = new Date(2026, 10, 28, 15, 0);
  const at = (...parts: [number, number, number, number, number]) =>
    shortDate(new Date(...parts).toISOString(), now);
  expect([at(2026, 10, 28, 9, 5), at(2026, 10, 27, 9, 5), at(2025, 10, 28, 9, 5)]).toEqual([
    "09:05",
    "11-27",
    "2025-11-28",
  ]);
});
