// What a file is by its first bytes, where these say it. Names and headers count for nothing: whoever sends a file chooses them. What is
// a document or a text is told by whoever reads it (text-process.ts).

/** Bytes that tell it. */
export const HEAD_BYTES = 4_096;

/** By the bytes at a place, in latin1; the first that fits. */
const SIGNATURES: [mediaType: string, at: number, bytes: RegExp][] = [
  ["image/png", 0, /^\x89PNG\r\n\x1a\n/],
  ["image/jpeg", 0, /^\xff\xd8\xff/],
  ["image/gif", 0, /^GIF8[79]a/],
  ["image/webp", 0, /^RIFF[\s\S]{4}WEBP/],
  ["image/avif", 0, /^\0[\s\S]{3}ftyp(avif|avis)/],
  ["image/heic", 0, /^\0[\s\S]{3}ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)/],
  ["image/tiff", 0, /^(II\*\0|MM\0\*)/],
  ["image/bmp", 0, /^BM[\s\S]{4}\0\0\0\0/],
  ["image/x-icon", 0, /^\0\0\x01\0/],
  ["image/vnd.adobe.photoshop", 0, /^8BPS\0\x01/],
  ["audio/mpeg", 0, /^ID3[\x02-\x04]/],
  ["audio/wav", 0, /^RIFF[\s\S]{4}WAVE/],
  ["audio/flac", 0, /^fLaC\0/],
  ["audio/ogg", 0, /^OggS\0/],
  ["audio/mp4", 0, /^\0[\s\S]{3}ftypM4A/],
  ["video/quicktime", 0, /^\0[\s\S]{3}(ftypqt|moov|wide)/],
  ["video/mp4", 0, /^\0[\s\S]{3}ftyp/],
  ["video/webm", 0, /^\x1aE\xdf\xa3/],
  ["video/x-msvideo", 0, /^RIFF[\s\S]{4}AVI /],
  ["application/gzip", 0, /^\x1f\x8b\x08/],
  ["application/x-7z-compressed", 0, /^7z\xbc\xaf\x27\x1c/],
  ["application/vnd.rar", 0, /^Rar!\x1a\x07/],
  ["application/x-xz", 0, /^\xfd7zXZ\0/],
  ["application/zstd", 0, /^\x28\xb5\x2f\xfd/],
  ["application/x-bzip2", 0, /^BZh[1-9]1AY&SY/],
  ["application/x-tar", 257, /^ustar[\0 ]/],
  ["application/vnd.sqlite3", 0, /^SQLite format 3\0/],
  ["application/wasm", 0, /^\0asm/],
  ["application/x-elf", 0, /^\x7fELF/],
  ["application/x-mach-binary", 0, /^(\xcf\xfa\xed\xfe|\xce\xfa\xed\xfe|\xca\xfe\xba\xbe\0\0\0[\x01-\x14])/],
  ["application/java-vm", 0, /^\xca\xfe\xba\xbe/],
  ["application/vnd.microsoft.portable-executable", 0, /^MZ[\s\S]{0,60}\0/],
  ["font/woff2", 0, /^wOF2(\0|OTTO|true)/],
  ["font/woff", 0, /^wOFF(\0|OTTO|true)/],
  // Those that are read, with a reason why their text is not.
  ["application/rtf", 0, /^\{\\rtf/],
  ["application/x-cfb", 0, /^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/],
];

/** @returns undefined for what the first bytes do not tell: documents, texts, anything else */
export function mediaTypeOf(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.subarray(0, HEAD_BYTES)).toString("latin1");
  return SIGNATURES.find(([, at, bytes]) => bytes.test(text.slice(at)))?.[0];
}
