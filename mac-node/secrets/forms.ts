// The forms in which a secret turns up in what commands print: itself, and what encoding makes of it. Pure.

/** A secret that is shorter would be found in anything. */
export const LEAST_CHARACTERS = 6;
export const MOST_BYTES = 2_900;
/** Of a form that is no shorter it would say nothing: a line of a key, a part of base64. */
export const LEAST_OF_A_FORM = 6;

/**
 * All forms of one value, as bytes in latin1 text (a character a byte), longest first: UTF-8, its lines, JSON, URL and form
 * encoding, hex, base64 of all of it and of it inside of something longer, both alphabets.
 */
export function formsOf(value: string): string[] {
  const lines = value.split(/\r?\n/).filter((line) => line.trim().length >= LEAST_OF_A_FORM);
  const texts = [...new Set([value, value.trim(), ...lines])];
  const forms = texts.flatMap((text) => {
    const url = encodeURIComponent(text);
    const hex = Buffer.from(text).toString("hex");
    return [
      text,
      JSON.stringify(text).slice(1, -1),
      text.replaceAll("'", `'\\''`),
      ...[url, strictUrl(text)].flatMap((one) => [one, lowerEscapes(one), one.replaceAll("%20", "+")]),
      ...[hex, hex.toUpperCase()],
      ...base64Of(Buffer.from(text)),
    ];
  });
  const bytes = forms.map((form) => Buffer.from(form, "utf8").toString("latin1"));
  return [...new Set(bytes)]
    .filter((form) => form.length >= LEAST_OF_A_FORM)
    .toSorted((a, b) => b.length - a.length);
}

/** RFC 3986 in full: what encodeURIComponent leaves as it is. */
const strictUrl = (text: string) =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const lowerEscapes = (text: string) => text.replaceAll(/%[0-9A-F]{2}/g, (one) => one.toLowerCase());

/** Inside of something longer (`user:secret`) base64 depends on where in it the secret begins: what stays the same of each of the three. */
function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const start = Math.ceil((before * 8) / 6);
    const rest = (before + bytes.length) % 3;
    const inside = text.slice(start, rest === 0 ? undefined : -1);
    const whole = before === 0 ? [text] : [];
    return [...whole, inside].flatMap((one) => [one, one.replaceAll("+", "-").replaceAll("/", "_")]);
  });
}
