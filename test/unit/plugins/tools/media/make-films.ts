// Films for tests: the headers of their formats, with a second or two of nothing in them.

const u32 = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, index * 4);
  return bytes;
};
const u16 = (...values: number[]) =>
  Buffer.from(values.flatMap((value) => [(value >> 8) & 255, value & 255]));
const box = (type: string, ...content: Buffer[]): Buffer => {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(body.length + 8), Buffer.from(type), body]);
};
const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/** A film of H.264, two seconds at 25 frames a second, 640 by 360 (ISO/IEC 14496-12). */
export function makeMp4(): Buffer {
  const [scale, length, frames, frame] = [1_000, 2_000, 50, 100];
  const avcC = box(
    "avcC",
    Buffer.from([1, 66, 0, 30, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0, 0x1e, 1, 0, 2, 0x68, 0xce]),
  );
  const avc1 = box(
    "avc1",
    Buffer.concat([
      Buffer.alloc(6),
      u16(1),
      Buffer.alloc(16),
      u16(640, 360),
      u32(0x480000, 0x480000, 0),
      u16(1),
    ]),
    Buffer.concat([Buffer.alloc(32), u16(24, 0xffff)]),
    avcC,
  );
  const ftyp = box("ftyp", Buffer.from("isom"), u32(512), Buffer.from("isomiso2avc1mp41"));
  const moovWith = (offset: number) => {
    const stbl = box(
      "stbl",
      box("stsd", u32(0, 1), avc1),
      box("stts", u32(0, 1, frames, length / frames)),
      box("stsc", u32(0, 1, 1, frames, 1)),
      box("stsz", u32(0, frame, frames)),
      box("stco", u32(0, 1, offset)),
    );
    const minf = box(
      "minf",
      box("vmhd", u32(1, 0, 0)),
      box("dinf", box("dref", u32(0, 1), box("url ", u32(1)))),
      stbl,
    );
    const hdlr = box("hdlr", u32(0, 0), Buffer.from("vide"), u32(0, 0, 0), Buffer.from("video\0"));
    const mdia = box("mdia", box("mdhd", u32(0, 0, 0, scale, length), u16(0x55c4, 0)), hdlr, minf);
    const tkhd = box("tkhd", u32(7, 0, 0, 1, 0, length, 0, 0, 0, 0), MATRIX, u32(640 << 16, 360 << 16));
    const mvhd = box(
      "mvhd",
      u32(0, 0, 0, scale, length, 0x10000),
      u16(0x100, 0),
      u32(0, 0),
      MATRIX,
      Buffer.alloc(24),
      u32(2),
    );
    return box("moov", mvhd, box("trak", tkhd, mdia));
  };
  const moov = moovWith(ftyp.length + moovWith(0).length + 8);
  return Buffer.concat([ftyp, moov, box("mdat", Buffer.alloc(frames * frame))]);
}

/** A recording of silence, 16 bits at 8,000 Hz. */
export function makeWav(seconds: number): Buffer {
  const samples = Buffer.alloc(seconds * 16_000);
  const head = Buffer.alloc(44);
  head.write("RIFF");
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(16_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

/** Its size in four bytes (RFC 8794, 4). */
const element = (id: number[], content: Buffer) =>
  Buffer.concat([Buffer.from([...id, 0x10, ...u32(content.length).subarray(1)]), content]);
const uint = (value: number) => Buffer.from([value >> 8, value & 255]);

/** A film of VP9, two seconds, 320 by 240 (https://www.matroska.org/technical/elements.html). */
export function makeWebm(): Buffer {
  const seconds = Buffer.alloc(8);
  seconds.writeDoubleBE(2_000);
  const ebml = element([0x1a, 0x45, 0xdf, 0xa3], element([0x42, 0x82], Buffer.from("webm")));
  const info = element(
    [0x15, 0x49, 0xa9, 0x66],
    Buffer.concat([
      element([0x2a, 0xd7, 0xb1], Buffer.from([0x0f, 0x42, 0x40])),
      element([0x44, 0x89], seconds),
    ]),
  );
  const size = Buffer.concat([element([0xb0], uint(320)), element([0xba], uint(240))]);
  const entry = Buffer.concat([
    element([0xd7], uint(1)),
    element([0x73, 0xc5], uint(1)),
    element([0x83], Buffer.from([1])),
    element([0x86], Buffer.from("V_VP9")),
    element([0xe0], size),
  ]);
  const tracks = element([0x16, 0x54, 0xae, 0x6b], element([0xae], entry));
  return Buffer.concat([ebml, element([0x18, 0x53, 0x80, 0x67], Buffer.concat([info, tracks]))]);
}
