// The header that makes an answer a download with a name (RFC 6266): plain for old clients, and as it is for the others.

/** @param filename one line, without path parts */
export function attachmentHeader(filename: string): string {
  const plain = filename
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\w.-]/g, "_");
  // What encodeURIComponent leaves and RFC 8187 does not.
  const encoded = encodeURIComponent(filename).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
