// The text form of NATS' Ed25519 keys (github.com/nats-io/nkeys): kind, 32 bytes and a checksum in base 32.

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const KEY_BYTES = 32;
const SEED_PREFIX_BYTES = 2;
const CRC_POLYNOMIAL = 0x1021;

/** @param letter `U`, `A`, `O` or `N`: the kind is the first five bits */
export function publicKeyText(letter: string, raw: Buffer): string {
  const body = Buffer.concat([Buffer.from([BASE32.indexOf(letter) << 3]), raw]);
  const checksum = Buffer.alloc(2);
  checksum.writeUInt16LE(crc16(body));
  return base32(Buffer.concat([body, checksum]));
}

/** The 32 bytes of a public key; only of a text that has been found to be whole. */
export const rawPublicKey = (text: string) => bytesOf(text).subarray(1, 1 + KEY_BYTES);

/** The 32 bytes of a seed; only of a text that has been found to be whole. */
export const rawSeed = (text: string) =>
  bytesOf(text).subarray(SEED_PREFIX_BYTES, SEED_PREFIX_BYTES + KEY_BYTES);

/** Without padding (RFC 4648). */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const fives = bits.match(/[01]{1,5}/g) ?? [];
  return fives.map((five) => BASE32[Number.parseInt(five.padEnd(5, "0"), 2)]).join("");
}

function bytesOf(text: string): Buffer {
  const bits = [...text].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const bytes = bits.match(/[01]{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

/** CRC-16/XMODEM. */
function crc16(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1)
      crc = (crc & 0x8000 ? (crc << 1) ^ CRC_POLYNOMIAL : crc << 1) & 0xffff;
  }
  return crc;
}
