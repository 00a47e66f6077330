import { describe, expect, test } from "@jest/globals";
import { hostOf, hostPattern, mayReach, namesHost, patternOf } from "../../../contracts/hosts.ts";

describe("the host of a URL or a name, in its one spelling", () => {
  test.each([
    ["http://Evil.Example/?leak=1", "evil.example"],
    ["https://evil.example.:8443/", "evil.example"],
    ["ssh://git@evil.example/x", "evil.example"],
    ["http://münchen.example", "xn--mnchen-3ya.example"],
    ["http://0x7f.1/", "127.0.0.1"],
    ["http://[::FFFF:127.0.0.1]/", "::ffff:7f00:1"],
    ["http://user:pass@evil.example", "evil.example"],
    ["http://good.example\\@evil.example", "good.example"],
    ["evil.example", "evil.example"],
    ["EVIL.example.", "evil.example"],
    ["::1", "::1"],
    ["2130706433", "127.0.0.1"],
  ])("%s is %s", (text, host) => expect(hostOf(text)).toBe(host));

  test.each([
    "",
    "a b",
    "evil.example/path",
    "user@evil.example",
    "evil.example:8080",
    "http://",
    "a?b",
    "a#b",
  ])("%j is none", (text) => expect(hostOf(text)).toBeUndefined());
});

describe("a pattern of a rule", () => {
  test("names a host exactly, what is below it, or all", () => {
    expect(namesHost("example.com", "example.com")).toBe(true);
    expect(namesHost("example.com", "a.example.com")).toBe(false);
    expect(namesHost("*.example.com", "b.a.example.com")).toBe(true);
    expect(namesHost("*.example.com", "example.com")).toBe(false);
    expect(namesHost("*.example.com", "evilexample.com")).toBe(false);
    expect(namesHost("*.example.com", "*")).toBe(false);
    expect(namesHost("*", "anything.example")).toBe(true);
  });

  test("is stored in the one spelling, and anything else is refused with what is right", () => {
    expect(hostPattern.parse("*.Example.COM.")).toBe("*.example.com");
    expect(patternOf("[::1]")).toBe("::1");
    for (const wrong of ["http://example.com", "example.com/path", "a*b.example", "*", "*.*"].filter(
      (text) => text !== "*",
    ))
      expect(hostPattern.safeParse(wrong).error?.issues[0]?.message).toContain("*.example.com");
  });
});

describe("where a call may send", () => {
  const reach = { asked: ["asked.example"], allowed: ["*.fine.example"], except: ["not.fine.example"] };

  test.each([
    ["asked.example", true],
    ["ASKED.example.", true],
    ["sub.asked.example", false],
    ["a.fine.example", true],
    ["not.fine.example", false],
    ["other.example", false],
    ["", false],
  ])("%s: %s", (host, may) => expect(mayReach(reach, host)).toBe(may));

  test("is where it was asked to send although a rule speaks against it, and nowhere when nothing was asked", () => {
    expect(mayReach({ asked: ["a.example"], allowed: [], except: ["*"] }, "a.example")).toBe(true);
    expect(mayReach({ asked: [], allowed: [], except: [] }, "a.example")).toBe(false);
  });
});
