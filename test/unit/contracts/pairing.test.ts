import { expect, test } from "@jest/globals";
import { codeOf, redeemParams, shownCode } from "../../../contracts/pairing.ts";
import { keyFingerprint } from "../../../lib/key-fingerprint.ts";

const BODY = {
  code: "AB12C-D3FGH",
  public_key: `U${"A".repeat(55)}`,
  signature: "a".repeat(86),
  name: " studio ",
  platform: "darwin",
  version: "1.0.0",
};

test.each(["ab12c-d3fgh", "AB12CD3FGH", " ab12c d3fgh ", "abl2c-d3fgh", "abI2c-d3fgh"])(
  "%s is the code AB12CD3FGH, which is shown as AB12C-D3FGH",
  (typed) => {
    expect(codeOf(typed)).toBe("AB12CD3FGH");
    expect(redeemParams.parse({ ...BODY, code: typed })).toMatchObject({
      code: "AB12CD3FGH",
      name: "studio",
    });
    expect(shownCode(codeOf(typed))).toBe("AB12C-D3FGH");
  },
);

test.each([
  [{ code: "AB12C" }],
  [{ code: "AB12C-D3FGU" }],
  [{ code: "" }],
  [{ public_key: "X" }],
  [{ public_key: `A${"A".repeat(55)}` }],
  [{ signature: "a" }],
  [{ name: " " }],
  [{ more: 1 }],
])("%j does not redeem a code", (over) => {
  expect(redeemParams.safeParse({ ...BODY, ...over }).success).toBe(false);
});

test("a fingerprint is twenty digits in groups of four", () => {
  // printf %s UABC | sha256sum
  expect(keyFingerprint("UABC")).toMatch(/^([0-9a-f]{4} ){4}[0-9a-f]{4}$/);
  expect(keyFingerprint("UABC")).not.toBe(keyFingerprint("UABD"));
});
