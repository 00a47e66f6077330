// compress_images: smaller copies that are whole or not there, and macOS' sips as a stand-in.
import { link, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import type { CommandResult } from "../../../../../contracts/tools.ts";
import tool from "../../../../../plugins/tools/media/compress-images.ts";
import type { CompressedImages } from "../../../../../plugins/tools/media/images/compress-each.ts";
import { compressImage } from "../../../../../plugins/tools/media/images/compress-image.ts";
import { parseSize } from "../../../../../plugins/tools/media/images/sips.ts";
import { runAsNode } from "../../../../support/run-as-node.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { waitFor } from "../../../../support/wait-for.ts";

let context: TestContext;
beforeEach(async () => {
  context = await toolContext(["secret"]);
});
afterEach(() => context.remove());

const inRoot = (name: string) => join(context.root, name);
const run = (args: Record<string, unknown>) =>
  runAsNode<CompressedImages>(tool, { output_directory: "out", ...args }, context);
const noise = { type: "gaussian" as const, mean: 128, sigma: 40 };
const picture = (width = 300, height = 200) =>
  sharp({ create: { width, height, channels: 3, background: "white", noise } });

describe("images", () => {
  test("become smaller in their own format, their metadata and the images themselves stay", async () => {
    const jpeg = await picture()
      .withExif({ IFD0: { Copyright: "me" } })
      .jpeg({ quality: 100 })
      .toBuffer();
    await writeFile(inRoot("a.jpg"), jpeg);
    await writeFile(inRoot("a.png"), await picture().png().toBuffer());
    await writeFile(inRoot("a.webp"), await picture().webp({ quality: 100 }).toBuffer());
    const { data } = await run({ paths: ["a.jpg", "a.png", "a.webp"], quality: 60 });
    expect(data).toMatchObject({ output_directory: inRoot("out"), failed: 0 });
    for (const format of ["jpeg", "png", "webp"] as const) {
      const made = await readFile(inRoot(`out/a.${format === "jpeg" ? "jpg" : format}`));
      expect(await sharp(made).metadata()).toMatchObject({ format, width: 300, height: 200 });
    }
    for (const image of data.images)
      expect(image).toMatchObject({ width: 300, height: 200, saved_percent: expect.any(Number) });
    expect(data.bytes_after).toBeLessThan(data.bytes_before);
    expect(data.images[0]).toMatchObject({ bytes_after: (await stat(inRoot("out/a.jpg"))).size });
    expect((await sharp(await readFile(inRoot("out/a.jpg"))).metadata()).exif?.toString()).toContain("me");
    expect(await readFile(inRoot("a.jpg"))).toEqual(jpeg);
  });

  test("of frames keep them", async () => {
    const frames = await Promise.all([0, 1, 2].map(() => picture(64, 64).png().toBuffer()));
    const animation = await sharp(frames, { join: { animated: true } })
      .webp({ quality: 100 })
      .toBuffer();
    await writeFile(inRoot("a.webp"), animation);
    const { data } = await run({ paths: ["a.webp"], quality: 20 });
    expect(data.images[0]).toMatchObject({ width: 64, height: 64 });
    expect((await sharp(await readFile(inRoot("out/a.webp")), { animated: true }).metadata()).pages).toBe(3);
  });

  test("that cannot be made smaller are copied", async () => {
    const small = await picture().jpeg({ quality: 5, mozjpeg: true }).toBuffer();
    await writeFile(inRoot("a.jpg"), small);
    const { data } = await run({ paths: ["a.jpg"], quality: 100 });
    expect(data.images[0]).toMatchObject({ kept_original: true, saved_percent: 0 });
    expect(await readFile(inRoot("out/a.jpg"))).toEqual(small);
  });

  test("are known by their bytes, and other files are refused by name", async () => {
    await writeFile(inRoot("named.jpg"), await picture().png().toBuffer());
    await writeFile(inRoot("text.jpg"), "no image");
    const { data } = await run({ paths: ["named.jpg", "text.jpg"] });
    expect(data.failed).toBe(1);
    expect(data.images[1]).toMatchObject({ path: "text.jpg", error: { code: "unsupported" } });
    expect((await sharp(await readFile(inRoot("out/named.jpg"))).metadata()).format).toBe("png");
  });

  test("that are damaged or animated PNGs leave nothing behind", async () => {
    const jpeg = await picture().jpeg().toBuffer();
    await writeFile(inRoot("cut.jpg"), jpeg.subarray(0, jpeg.length / 2));
    expect((await run({ paths: ["cut.jpg"] })).code).toBe("damaged");
    const png = await picture().png().toBuffer();
    await writeFile(
      inRoot("a.png"),
      Buffer.concat([png.subarray(0, 33), Buffer.from("\0\0\0\x08acTL"), png.subarray(33)]),
    );
    expect((await run({ paths: ["a.png"] })).message).toContain("animated PNG");
    expect(await readdir(inRoot("out"))).toEqual([]);
  });

  test("with more pixels than fit into memory are refused by their header", async () => {
    const bomb = await sharp({ create: { width: 12_000, height: 11_000, channels: 3, background: "red" } })
      .png({ compressionLevel: 9 })
      .toBuffer();
    await writeFile(inRoot("bomb.png"), bomb);
    expect((await run({ paths: ["bomb.png"] })).code).toBe("too_large");
  });
});

describe("the output", () => {
  beforeEach(async () => writeFile(inRoot("a.jpg"), await picture().jpeg({ quality: 100 }).toBuffer()));

  test("replaces nothing, not even the images themselves", async () => {
    await run({ paths: ["a.jpg"] });
    const { code, message } = await run({ paths: ["a.jpg"] });
    expect(code).toBe("exists");
    expect(message).toContain("choose another directory");
    expect((await run({ paths: ["a.jpg"], output_directory: "." })).code).toBe("exists");
  });

  test("of two images with one name is refused before anything is done", async () => {
    await mkdir(inRoot("other"));
    await writeFile(inRoot("other/A.jpg"), await picture().jpeg().toBuffer());
    expect((await run({ paths: ["a.jpg", "other/A.jpg"] })).code).toBe("exists");
    await expect(stat(inRoot("out"))).rejects.toThrow("ENOENT");
  });

  test("G27 and the images are below the roots and no links out of them", async () => {
    await symlink("/tmp", inRoot("away"));
    await link(inRoot("a.jpg"), inRoot("b.jpg"));
    expect((await run({ paths: ["a.jpg"], output_directory: "away" })).code).toBe("not_allowed");
    expect((await run({ paths: ["a.jpg"], output_directory: "secret" })).code).toBe("not_allowed");
    expect((await run({ paths: ["a.jpg"], output_directory: "../x" })).code).toBe("not_allowed");
    expect((await run({ paths: ["b.jpg"] })).code).toBe("not_allowed");
    expect((await run({ paths: ["missing.jpg"] })).code).toBe("not_found");
  });

  test("is not there when the call is cancelled", async () => {
    await writeFile(inRoot("large.png"), await picture(1_500, 1_500).png().toBuffer());
    const call = run({ paths: ["large.png"] });
    await waitFor("a file that is not whole yet", async () => {
      const names = await readdir(inRoot("out")).catch(() => []);
      return names.some((name) => name.endsWith(".tmp"));
    });
    context.abort();
    expect((await call).code).toBe("cancelled");
    expect(await readdir(inRoot("out"))).toEqual([]);
  });
});

test("arguments have bounds", () => {
  const fits = (args: Record<string, unknown>) =>
    tool.parameters.safeParse({ output_directory: "o", ...args }).success;
  expect(fits({ paths: ["a"] })).toBe(true);
  for (const args of [
    {},
    { paths: [] },
    { paths: Array(51).fill("a") },
    { paths: ["a"], quality: 0 },
    { paths: ["a"], quality: 101 },
    { paths: ["a"], width: 5 },
  ])
    expect(fits(args)).toBe(false);
});

describe("JPEG on macOS", () => {
  const SIZE = "/private/tmp/after.jpg\n  pixelWidth: 300\n  pixelHeight: 200\n";
  const argvs: string[][] = [];
  /** As sips does: the new picture goes where `--out` says, or there is none. */
  const sips = (made: Buffer | undefined, stderr = "") => ({
    ...context,
    run: async (argv: string[]): Promise<CommandResult> => {
      argvs.push(argv);
      const out = argv.indexOf("--out");
      if (out > 0 && made) await writeFile(argv[out + 1] ?? "", made);
      const stdout = out > 0 ? "" : SIZE;
      return { exit_code: 0, signal: null, stdout, stderr, truncated: false, timed_out: false };
    },
  });
  const compress = (made: Buffer | undefined, stderr?: string) =>
    compressImage(sips(made, stderr), "a.jpg", { folder: inRoot("out"), quality: 70 }, "darwin");
  beforeEach(async () => {
    argvs.length = 0;
    await mkdir(inRoot("out"));
    await writeFile(inRoot("a.jpg"), Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(500)]));
  });

  test("is made by sips from a copy that nobody can swap, and nothing of that stays", async () => {
    expect(await compress(Buffer.alloc(50, 1))).toMatchObject({ width: 300, height: 200, bytes_after: 50 });
    const [argv = []] = argvs;
    expect(argv.slice(0, 7)).toEqual(["/usr/bin/sips", "-s", "format", "jpeg", "-s", "formatOptions", "70"]);
    const [input = "", out, output = ""] = argv.slice(7);
    expect(out).toBe("--out");
    expect(input.startsWith(context.root)).toBe(false);
    expect(dirname(input)).toBe(dirname(output));
    await expect(stat(dirname(input))).rejects.toThrow("ENOENT");
    expect(await readFile(inRoot("out/a.jpg"))).toEqual(Buffer.alloc(50, 1));
  });

  test("stays as it is when sips makes it larger", async () => {
    expect(await compress(Buffer.alloc(5_000))).toMatchObject({ kept_original: true, bytes_after: 503 });
  });

  test("is damaged when sips makes nothing, whatever its exit code", async () => {
    const stderr =
      "Warning: /tmp/x/before.jpg not a valid file - skipping\nError 13: an unknown error occurred\n";
    await expect(compress(undefined, stderr)).rejects.toMatchObject({
      code: "damaged",
      message: expect.stringContaining("Error 13"),
    });
    expect(await readdir(inRoot("out"))).toEqual([]);
  });

  test("other formats are not its business", async () => {
    await writeFile(inRoot("a.png"), await picture().png().toBuffer());
    await compressImage(sips(undefined), "a.png", { folder: inRoot("out"), quality: 70 }, "darwin");
    expect(argvs).toEqual([]);
  });

  test("sizes are read from what sips prints", () => {
    expect(parseSize(SIZE)).toEqual({ width: 300, height: 200 });
    expect(parseSize("/x.jpg\n  pixelWidth: <nil>\n")).toEqual({ width: 0, height: 0 });
  });
});
