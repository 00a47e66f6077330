// S3_URL, read once at opening:
//   https://key:secret@host[:port]/bucket[/prefix][?region=eu-central-1]
// The bucket is named in the path, as every S3 store takes it. Clusters that share a bucket have a prefix each; `macjarvis` unless
// given. The region is `us-east-1` unless given. What is no letter or digit in key or secret is written as in any URL (`%2F` for a
// slash). Certificates are those that Node trusts (an own authority: NODE_EXTRA_CA_CERTS).
import { isLoopback } from "../../env.ts";
import { checkKey } from "../../objects/object-key.ts";

export type S3Target = {
  endpoint: string;
  region: string;
  bucket: string;
  /** With a slash behind it. */
  prefix: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** For the words: without credentials. */
  shown: string;
};

const FORM = "give it as https://key:secret@host/bucket?region=eu-central-1";
const USUAL_PREFIX = "macjarvis";
const USUAL_REGION = "us-east-1";

/** @throws Error in words for whoever set it; they hold no secret */
export function readS3Url(text: string): S3Target {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw notReadable("it is no address");
  if (url.protocol === "http:" && !isLoopback(url.hostname))
    throw new Error(
      `S3 at ${url.host} would be reached in plain text, with all that users store. Give its address as https://…; only this machine (127.0.0.1, localhost) may be reached without TLS.`,
    );
  const [accessKeyId, secretAccessKey] = [decoded(url.username), decoded(url.password)];
  if (!accessKeyId || !secretAccessKey) throw notReadable("it names no access key and secret");
  const [, bucket = "", ...rest] = url.pathname.replace(/\/$/, "").split("/");
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) throw notReadable("it names no bucket");
  for (const name of url.searchParams.keys())
    if (name !== "region") throw notReadable(`it has no setting "${name}"`);
  const region = url.searchParams.get("region") ?? USUAL_REGION;
  if (!/^[a-z0-9-]{1,40}$/.test(region)) throw notReadable("the region is none");
  return {
    endpoint: url.origin,
    region,
    bucket,
    prefix: `${prefixOf(rest)}/`,
    accessKeyId,
    secretAccessKey,
    shown: `S3 at ${url.host}/${bucket}`,
  };
}

function prefixOf(parts: string[]): string {
  if (parts.length === 0) return USUAL_PREFIX;
  try {
    return checkKey(parts.join("/"));
  } catch {
    throw notReadable("what is behind the bucket must be of a-z, 0-9, _ and - with slashes between");
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notReadable("a percent sign has two digits behind it");
  }
}

function notReadable(why: string): Error {
  return new Error(`S3_URL cannot be read: ${why}; ${FORM}.`);
}
