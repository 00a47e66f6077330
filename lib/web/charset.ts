// In which encoding a web page is: what its server says, its byte order mark, what it says itself, else what its bytes look like
// (https://html.spec.whatwg.org/#determining-the-character-encoding).

/** Bytes in which a page says its own encoding. */
const LOOKED_AT = 1_024;
const IN_HEADER = /charset\s*=\s*["']?\s*([\w.:-]+)/i;
const IN_PAGE = /<meta[^>]{0,500}?charset\s*=\s*["']?\s*([\w.:-]+)/i;
const IN_XML = /^<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)/i;

/** @param head the first bytes of the page. @returns a label that TextDecoder knows */
export function charsetOf(contentType: string, head: Uint8Array): string {
  const marked = byMark(head);
  if (marked) return marked;
  const begin = Buffer.from(head.subarray(0, LOOKED_AT)).toString("latin1");
  const said = [IN_HEADER.exec(contentType)?.[1], IN_XML.exec(begin)?.[1], ofPage(begin)];
  return (
    said.find((label) => label !== undefined && isKnown(label)) ?? (isUtf8(head) ? "utf-8" : "windows-1252")
  );
}

/** A page that could be read so far is not in UTF-16, whatever it says. */
function ofPage(begin: string): string | undefined {
  const label = IN_PAGE.exec(begin)?.[1];
  return label !== undefined && /^utf-?16/i.test(label) ? "utf-8" : label;
}

function byMark(head: Uint8Array): string | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return "utf-8";
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  return undefined;
}

function isKnown(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== "";
  } catch {
    return false;
  }
}

/** The head may end within a character. */
function isUtf8(head: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
