import { describe, expect, test } from "@jest/globals";
import jwt from "jsonwebtoken";
import type { FamilyId } from "../../../../../contracts/ids.ts";
import { AccessTokens } from "../../../../../services/users/tokens/access-tokens.ts";

const SECRET = "s".repeat(48);
const OTHER = "o".repeat(48);
const tokens = new AccessTokens([SECRET]);
const family = "fam_1" as FamilyId;

const now = () => Math.floor(Date.now() / 1000);
const goodClaims = () => ({
  iss: "macjarvis",
  aud: "macjarvis-api",
  typ: "access",
  sub: "usr_1",
  fam: family,
  jti: "j",
  iat: now(),
  exp: now() + 900,
});
const forge = (changes: object, options: jwt.SignOptions = {}, secret = SECRET) =>
  jwt.sign({ ...goodClaims(), ...changes }, secret, options);
const refusal = (token: string) => {
  try {
    tokens.verify(token);
    return undefined;
  } catch (error) {
    return (error as { type: string }).type;
  }
};

describe("G18 access tokens", () => {
  test("G18 name the user and the login and live 15 minutes", () => {
    const { sub, fam, exp, iat } = tokens.verify(tokens.sign("usr_1", family));
    expect({ sub, fam, lifetime: exp - iat }).toEqual({ sub: "usr_1", fam: family, lifetime: 900 });
  });

  test("G18 the forged ones below would be accepted if they were right", () => {
    expect(refusal(forge({}))).toBeUndefined();
  });

  test.each([
    ["another issuer", { iss: "somebody" }],
    ["another audience", { aud: "somewhere" }],
    ["several audiences", { aud: ["macjarvis-api", "somewhere"] }],
    ["another type", { typ: "refresh" }],
    ["no type", { typ: undefined }],
    ["no login", { fam: undefined }],
    ["a lifetime of a day", { exp: now() + 86_400 }],
    ["a beginning in the future", { iat: now() + 600, exp: now() + 900 }],
    ["claims of its own", { role: "admin" }],
  ])("G18 with %s are refused", (_what, changes) => {
    expect(refusal(forge(changes))).toBe("unauthenticated");
  });

  test("G18 without an end are refused", () => {
    const { exp: _exp, ...claims } = goodClaims();
    expect(refusal(jwt.sign(claims, SECRET))).toBe("unauthenticated");
  });

  test.each(["HS384", "HS512"] as const)("G18 signed with %s are refused", (algorithm) => {
    expect(refusal(forge({}, { algorithm }))).toBe("unauthenticated");
  });

  test("G18 without a signature are refused", () => {
    expect(refusal(jwt.sign(goodClaims(), "", { algorithm: "none" }))).toBe("unauthenticated");
  });

  test("G18 signed with another secret are refused, whatever key they name", () => {
    const { kid } = jwt.decode(tokens.sign("usr_1", family), { complete: true })?.header ?? {};
    expect(refusal(forge({}, { keyid: String(kid) }, OTHER))).toBe("unauthenticated");
    expect(refusal(forge({}, {}, OTHER))).toBe("unauthenticated");
  });

  test("G18 altered in one character are refused", () => {
    const [head, body, signature] = tokens.sign("usr_1", family).split(".");
    const altered = Buffer.from(JSON.stringify({ ...goodClaims(), sub: "usr_2" })).toString("base64url");
    expect(refusal(`${head}.${altered}.${signature}`)).toBe("unauthenticated");
    expect(refusal(`${head}.${body}.${signature?.slice(0, -2)}`)).toBe("unauthenticated");
  });

  test.each(["", "x", "a.b.c", `${"x".repeat(100_000)}.y.z`, "{}.{}.{}"])(
    "G18 what is none is refused",
    (text) => {
      expect(refusal(text)).toBe("unauthenticated");
    },
  );

  test("G18 past their end are token_expired, but only if they were ours", () => {
    const past = { iat: now() - 1000, exp: now() - 100 };
    expect(refusal(forge(past))).toBe("token_expired");
    expect(refusal(forge(past, {}, OTHER))).toBe("unauthenticated");
  });

  test("G18 of a secret that only verifies are accepted, and the first secret signs", () => {
    const rotated = new AccessTokens([OTHER, SECRET]);
    expect(rotated.verify(tokens.sign("usr_1", family)).sub).toBe("usr_1");
    expect(refusal(rotated.sign("usr_1", family))).toBe("unauthenticated");
  });
});
