// Fetches a public web page and answers its readable text, for web_fetch; apart from the tool so that a test can reach a server of
// its own.
import { setImmediate as breath } from "node:timers/promises";
import type { ToolResult } from "../../contracts/tools.ts";
import { type FetchOptions, fetchPublic } from "../net/fetch-public.ts";
import { untrusted } from "../tools/untrusted-text.ts";
import { charsetOf } from "./charset.ts";
import { PageReader, type PageText } from "./page-text.ts";
import { unpacked } from "./read-body.ts";

/** Bytes of a page that are looked at, unpacked: behind them is no text worth reading. */
const MOST_READ = 8_388_608;
/** Bytes after which other work goes first. */
const PIECE = 65_536;
const HTML = /^(text\/html|application\/xhtml\+xml)$/;
const TEXT = /^(text\/.+|application\/(json|xml|.+\+json|.+\+xml|javascript|x-ndjson|yaml|x-yaml|toml))$/;
const ACCEPT = "text/html,application/xhtml+xml,text/plain;q=0.9,application/json;q=0.9,*/*;q=0.5";

type Page = Extract<Awaited<ReturnType<typeof fetchPublic>>, { ok: true }>;

/** GETs the URL. @param maxBytes of the text, as UTF-8. Never throws for what the other server does. */
export async function readPage(url: string, maxBytes: number, options: FetchOptions): Promise<ToolResult> {
  const headers = { accept: ACCEPT, "accept-encoding": "identity" };
  const page = await fetchPublic(url, { ...options, headers });
  if (!page.ok) return page;
  try {
    return await read(page, url, maxBytes);
  } catch (thrown) {
    if (options.signal.aborted) throw thrown;
    return failure("read_failed", "The page broke off while it was read, or is not packed as it says.");
  } finally {
    await page.close();
  }
}

async function read(page: Page, url: string, maxBytes: number): Promise<ToolResult> {
  const contentType = header(page, "content-type");
  const type = (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
  if (type === "application/pdf")
    return failure(
      "not_a_page",
      "This is a PDF. Use download_file to save it on a machine, and extract_text to read it there.",
    );
  if (type !== "" && !HTML.test(type) && !TEXT.test(type))
    return failure(
      "not_a_page",
      `This is ${type.slice(0, 100)}, which has no text to read. Use download_file to save it on a machine.`,
    );
  const body = unpacked(page.body, header(page, "content-encoding"));
  if (!body) return failure("not_a_page", "The page is packed in a way that cannot be read.");
  const { title, text, isCut } = await textOf(body, { contentType, type, url: page.url, most: maxBytes });
  const kept = headOfBytes(text, maxBytes);
  const shown = title === "" ? kept : `Title: ${title}\n\n${kept}`;
  return {
    ok: true,
    data: {
      url,
      final_url: page.url,
      status: page.status,
      content_type: type,
      text: untrusted("the text of this web page", shown),
      truncated: isCut || kept.length < text.length,
    },
  };
}

type Wanted = { contentType: string; type: string; url: string; most: number };

async function textOf(
  body: AsyncIterable<Buffer>,
  { contentType, type, url, most }: Wanted,
): Promise<PageText> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let reader: PageReader | PlainReader | undefined;
  let [total, sinceBreath] = [0, 0];
  let isLong = false;
  for await (const chunk of body) {
    const piece = chunk.subarray(0, MOST_READ - total);
    total += piece.length;
    sinceBreath += piece.length;
    decoder ??= new TextDecoder(charsetOf(contentType, piece));
    const text = decoder.decode(piece, { stream: true });
    reader ??=
      HTML.test(type) || (type === "" && looksLikeHtml(text))
        ? new PageReader(most, url)
        : new PlainReader(most);
    reader.write(text);
    isLong = total >= MOST_READ;
    if (isLong || reader.isFull) break;
    if (sinceBreath >= PIECE) {
      sinceBreath = 0;
      await breath();
    }
  }
  const read = reader?.end() ?? { title: "", text: "", isCut: false };
  return { ...read, isCut: read.isCut || isLong };
}

const looksLikeHtml = (text: string) => /^\s*(<!doctype html|<html|<head|<body)/i.test(text);

/** What is text already. */
class PlainReader {
  readonly #most: number;
  #text = "";
  isFull = false;

  constructor(most: number) {
    this.#most = most;
  }

  write(text: string): void {
    const left = this.#most - this.#text.length;
    this.isFull ||= text.length > left;
    this.#text += text.slice(0, left);
  }

  end(): PageText {
    return { title: "", text: this.#text.toWellFormed(), isCut: this.isFull };
  }
}

function headOfBytes(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  return new TextDecoder().decode(bytes.subarray(0, most), { stream: true });
}

function header({ headers }: Page, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? "";
}

function failure(code: string, message: string): ToolResult {
  return { ok: false, error: { code, message } };
}
