// The names in a zip archive as text. Its format knows two encodings, and programs write them in others: macOS in UTF-8 without
// saying so, Windows in that of its language.
import type { Entry } from "yauzl";
import { detectEncoding } from "../../workspace/encoding/detect-encoding.ts";
import { decode, type Encoding } from "../../workspace/encoding/encodings.ts";

/** In which Windows has written names; what else a guess says is less likely than what the format says. */
const OF_WINDOWS: Encoding[] = ["gbk", "gb18030", "big5", "shift_jis", "euc-kr"];

/** In the order of the entries, `\` of old Windows programs written as `/`. */
export async function namesOf(entries: Entry[]): Promise<string[]> {
  const { getFileNameLowLevel } = await import("yauzl");
  const strange = entries
    .filter(({ fileNameRaw }) => !isUtf8(fileNameRaw))
    .map(({ fileNameRaw }) => fileNameRaw);
  const encoding = strange.length > 0 ? await encodingOf(strange) : undefined;
  return entries.map(({ fileNameRaw, generalPurposeBitFlag, extraFields }) => {
    if (isUtf8(fileNameRaw)) return fileNameRaw.toString("utf8").replaceAll("\\", "/");
    if (encoding) return decode(fileNameRaw, encoding).replaceAll("\\", "/");
    return getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
  });
}

async function encodingOf(names: Buffer[]): Promise<Encoding | undefined> {
  const head = Buffer.concat(names.flatMap((name) => [name, Buffer.from("\n")]));
  const detected = await detectEncoding({ head, cut: false, piece: Buffer.alloc(0) });
  if (detected === undefined || detected === "iso-2022-jp") return undefined;
  return OF_WINDOWS.includes(detected.encoding) ? detected.encoding : undefined;
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
