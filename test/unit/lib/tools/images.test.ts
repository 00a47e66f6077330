import { describe, expect, test } from "@jest/globals";
import { boundResult } from "../../../../lib/tools/bound-result.ts";
import { imageTypeOf, withoutImageData } from "../../../../lib/tools/images.ts";

const PNG = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const JPEG = Buffer.from("ffd8ffe000104a46494600010100", "hex");
const picture = (bytes: Buffer, media_type = "image/png") => ({ media_type, data: bytes.toString("base64") });
const large = (size: number) => picture(Buffer.concat([PNG, Buffer.alloc(size - PNG.length)]));

describe("the pictures of a result", () => {
  test("are what their bytes say, with their size", () => {
    const { images, truncated } = boundResult({
      ok: true,
      images: [picture(PNG), picture(JPEG, "image/bmp")],
    });
    expect(images).toEqual([
      { media_type: "image/png", bytes: PNG.length, data: PNG.toString("base64") },
      { media_type: "image/jpeg", bytes: JPEG.length, data: JPEG.toString("base64") },
    ]);
    expect(truncated).toBeUndefined();
  });

  test("stay whole beside a long result, because they have a bound of their own", () => {
    const result = boundResult({ ok: true, images: [large(1_400_000)], data: "x".repeat(3_000_000) }, 10_000);
    expect(result.images?.[0]?.data).toHaveLength(1_866_668);
    expect(JSON.stringify(result.data).length).toBeLessThan(10_000);
  });

  test("that are too large keep their place without their bytes, and the result says that it is cut", () => {
    const result = boundResult({ ok: true, images: [large(1_500_001)] });
    expect(result).toEqual({
      ok: true,
      truncated: true,
      images: [{ media_type: "image/png", bytes: 1_500_001 }],
    });
  });

  test("are four at most", () => {
    const result = boundResult({ ok: true, images: Array.from({ length: 9 }, () => picture(PNG)) });
    expect([result.images?.length, result.truncated]).toEqual([4, true]);
  });

  test.each<[string, unknown]>([
    ["no list", "iVBORw0KGgo="],
    ["a text", [picture(Buffer.from("<svg onload=alert(1)></svg>"))]],
    ["no base64", [{ media_type: "image/png", data: `${PNG.toString("base64").slice(0, 16)}\n<<>` }]],
    ["nothing", [null, 1, {}, { media_type: "image/png" }, { media_type: "text/html", bytes: 1 }]],
  ])("that are %s are left out", (_what, images) => {
    expect(boundResult({ ok: true, data: 1, images })).toEqual({ ok: true, data: 1, truncated: true });
  });

  test("without their bytes stay told when the result is bounded again", () => {
    const told = withoutImageData(boundResult({ ok: true, images: [picture(PNG)] }));
    expect(told).toEqual({ ok: true, images: [{ media_type: "image/png", bytes: PNG.length }] });
    expect(boundResult(told, 1_000)).toEqual(told);
  });

  test("are known by all their kinds' first bytes", () => {
    const of = (text: string) => imageTypeOf(Buffer.from(text, "latin1"));
    expect(["GIF89a", "RIFF\x01\x02\x03\x04WEBPVP8 ", "BM", ""].map(of)).toEqual([
      "image/gif",
      "image/webp",
      undefined,
      undefined,
    ]);
  });
});
