import { describe, expect, test } from "@jest/globals";
import { registerParams } from "../../../../../contracts/users.ts";
import { checkNewPassword } from "../../../../../services/users/passwords/policy.ts";

const refusal = (password: string, email = "ada.lovelace@example.com") => {
  try {
    checkNewPassword(password, email);
    return undefined;
  } catch (error) {
    return (error as { type: string }).type;
  }
};

describe("G17 new passwords", () => {
  test.each(["password", "PassWord1", "12345678", "iloveyou", "qwertyuiop", "trustno1", " password "])(
    "G17 the common %s is refused",
    (password) => expect(refusal(password)).toBe("weak_password"),
  );

  test.each(["aaaaaaaa", "abcdefghijkl", "987654321"])("G17 the plain row %s is refused", (password) =>
    expect(refusal(password)).toBe("weak_password"),
  );

  test.each(["ada.lovelace@example.com", "Ada.Lovelace", "ada.lovelace1815!"])(
    "G17 %s, made of the e-mail address, is refused",
    (password) => expect(refusal(password)).toBe("weak_password"),
  );

  test.each(["correct horse battery", "ada.lovelace and friends", "Tr0ub4dor&3", "aaaaaaab"])(
    "G17 %s is accepted",
    (password) => expect(refusal(password)).toBeUndefined(),
  );

  test("G17 have 8 to 256 characters, an emoji counting as one", () => {
    const fits = (password: string) =>
      registerParams.safeParse({ email: "ada@example.com", password }).success;
    expect(fits("1234567")).toBe(false);
    expect(fits("🦊".repeat(7))).toBe(false);
    expect(fits("🦊".repeat(8))).toBe(true);
    expect(fits("🦊".repeat(256))).toBe(true);
    expect(fits("x".repeat(256))).toBe(true);
    expect(fits("x".repeat(257))).toBe(false);
  });
});
