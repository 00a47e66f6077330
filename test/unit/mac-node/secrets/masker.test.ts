import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { formsOf } from "../../../../mac-node/secrets/forms.ts";
import { Masker } from "../../../../mac-node/secrets/masker.ts";

const SECRET = "p@ss/w0rd+ü=\"q'1";
const masker = new Masker([SECRET]);
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("a secret is taken out", () => {
  test.each([
    ["as it is", SECRET],
    ["in base64", base64(SECRET)],
    ["in base64 for URLs", Buffer.from(SECRET).toString("base64url")],
    ["in base64 behind a name", base64(`user:${SECRET}`)],
    ["in base64 behind a longer name", base64(`users:${SECRET}`)],
    ["in base64 inside of something", base64(`me:${SECRET}:end`)],
    ["in a URL", encodeURIComponent(SECRET)],
    ["in a URL with small escapes", encodeURIComponent(SECRET).toLowerCase().replace("p%40ss", "p%40ss")],
    ["in a form", new URLSearchParams({ a: SECRET }).toString().slice(2)],
    ["in JSON", JSON.stringify({ a: SECRET })],
    ["in hex", Buffer.from(SECRET).toString("hex")],
    ["for a shell", `'${SECRET.replaceAll("'", `'\\''`)}'`],
  ])("%s", (_how, shown) => {
    const masked = masker.text(`before ${shown} after`);
    expect(masked).toContain("[secret]");
    expect(masked).toMatch(/^before .* after$/);
    expect(masked).not.toContain(shown);
    // What is left of base64 around it tells at most what a character of its edges is part of.
    expect(masked.length).toBeLessThan("before [secret] after".length + 40);
  });

  test("also where a tool has broken its lines, or written it in two bytes a letter", () => {
    const long = `ghp_${"aZ9".repeat(40)}`;
    const one = new Masker([long, SECRET]);
    const wrapped = (text: string, width: number, end = "\n") =>
      text.match(new RegExp(`.{1,${width}}`, "g"))?.join(end) ?? "";
    for (const shown of [
      wrapped(base64(long), 76),
      wrapped(base64(`user:${long}`), 76, "\r\n"),
      wrapped(Buffer.from(long).toString("hex"), 60),
      wrapped(long, 20),
      Buffer.from(long, "utf16le").toString("utf8"),
    ]) {
      const masked = one.text(`before\n\n${shown}\n\nafter`);
      expect(masked).toMatch(/^before\n\n\S{0,12}\[secret\]\S{0,4}\0?\n\nafter$/);
    }
    expect(one.text("a\n\r\n\nb\0c\n")).toBe("a\n\r\n\nb\0c\n");
  });

  test("of very many, as long as they may be, too", () => {
    const values = Array.from({ length: 200 }, (_, index) => `${index}-`.repeat(700).slice(0, 2_900));
    expect(new Masker(values).text(`x ${values[150]} y`)).toBe("x [secret] y");
  });

  test("line by line, where it has several", () => {
    const key = "-----BEGIN KEY-----\nMIIabcdefghijk\nMIIlmnopqrstu\n-----END KEY-----\n";
    const masked = new Masker([key]).text("x MIIlmnopqrstu y");
    expect(masked).toBe("x [secret] y");
  });

  test("from all of a result, keys too, and the rest stays as it is", () => {
    const result = masker.all({
      ok: false,
      data: { list: [1, `a ${SECRET}`, null], [SECRET]: true, other: "ü" },
      error: { code: "x", message: `no ${SECRET}` },
      stdout: SECRET,
      exit_code: 3,
    });
    expect(result).toEqual({
      ok: false,
      data: { list: [1, "a [secret]", null], "[secret]": true, other: "ü" },
      error: { code: "x", message: "no [secret]" },
      stdout: "[secret]",
      exit_code: 3,
    });
  });
});

describe("in a stream", () => {
  const through = (text: Buffer, cuts: number[], one = masker) => {
    const stream = one.stream();
    const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
    const pieces = places.slice(1).map((end, index) => stream.push(text.subarray(places[index], end)));
    return Buffer.concat([...pieces, stream.end()]).toString("utf8");
  };

  test("a secret is found however it is cut into pieces, and nothing else is changed", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(SECRET, base64(SECRET), SECRET.slice(0, 5), "p", "ü", "\n", "\r\n", "\0"),
            fc.string(),
          ),
          {
            maxLength: 12,
          },
        ),
        fc.array(fc.nat(), { maxLength: 20 }),
        (parts, cuts) => {
          const text = parts.join("");
          const masked = through(Buffer.from(text, "utf8"), cuts);
          expect(masked).toBe(masker.text(Buffer.from(text, "utf8").toString("utf8")));
          for (const form of [SECRET, base64(SECRET)]) expect(masked).not.toContain(form);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("of two secrets of which one begins with the other the longer one goes whole", () => {
    const both = new Masker(["abcdef", "abcdefghi"]);
    expect(through(Buffer.from("x abcdefghi y"), [8], both)).toBe("x [secret] y");
    expect(through(Buffer.from("x abcdef"), [4], both)).toBe("x [secret]");
  });

  test("nothing is held back but what a secret may begin with", () => {
    const stream = masker.stream();
    expect(stream.push(Buffer.from("hello\n")).toString()).toBe("hello\n");
    expect(stream.push(Buffer.from("hello p@s")).toString()).toBe("hello ");
    expect(stream.push(Buffer.from("t\n")).toString()).toBe("p@st\n");
  });
});

test("forms are never so short that they would be found in anything", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 6 }), (value) => {
      for (const form of formsOf(value)) expect(form.length).toBeGreaterThanOrEqual(6);
    }),
  );
});
