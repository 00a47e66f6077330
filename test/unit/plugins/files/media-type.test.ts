import { expect, test } from "@jest/globals";
import { mediaTypeOf } from "../../../../plugins/files/media-type.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");

test.each([
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["\xff\xd8\xff\xe0", "image/jpeg"],
  ["GIF89a", "image/gif"],
  ["RIFF\x10\0\0\0WEBPVP8 ", "image/webp"],
  ["RIFF\x10\0\0\0WAVEfmt ", "audio/wav"],
  ["\0\0\0\x20ftypheic", "image/heic"],
  ["\0\0\0\x20ftypavif", "image/avif"],
  ["\0\0\0\x20ftypisom", "video/mp4"],
  ["MZ\x90\0\x03", "application/vnd.microsoft.portable-executable"],
  ["{\\rtf1", "application/rtf"],
  [`${"\0".repeat(257)}ustar\0`, "application/x-tar"],
])("%j is %s", (head, type) => {
  expect(mediaTypeOf(bytes(head))).toBe(type);
});

test.each([
  "",
  "MZ is how a German postcode may begin",
  "BMW builds cars",
  "ID3 is a tag",
  "RIFF",
  "abcdftypmp4",
])("the text %j is not told by its first bytes", (text) => {
  expect(mediaTypeOf(bytes(text))).toBeUndefined();
});
