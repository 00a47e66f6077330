// The client of the S3 SDK with every setting that would otherwise be looked for in the environment, in ~/.aws or at the address of a
// cloud's metadata: all of it is in S3_URL.
import { S3Client } from "@aws-sdk/client-s3";
import type { S3Target } from "./s3-url.ts";

const CONNECT_MS = 3_000;
const MOST_CONNECTIONS = 64;

export function makeS3Client(target: S3Target): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey } = target;
  const agent = { keepAlive: true, maxSockets: MOST_CONNECTIONS };
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    // Repeats what may be repeated after cut connections and 5xx, 100 ms and more apart, within the patience of the whole.
    maxAttempts: 3,
    retryMode: "standard",
    // Sums are ours, in one form that every store takes.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    useArnRegion: false,
    disableMultiregionAccessPoints: true,
    disableS3ExpressSessionAuth: true,
    followRegionRedirects: false,
    defaultsMode: "standard",
    userAgentAppId: "macjarvis",
    // It would write to the console; what fails is said once, by open-s3.ts.
    logger: { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet },
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      httpAgent: agent,
      httpsAgent: agent,
      // Its time for an answer would also end what is still being sent; patience.ts has the end of everything.
      requestTimeout: 0,
      // Waiting for a connection has its end as well, and is no matter for the console.
      socketAcquisitionWarningTimeout: 600_000,
    },
  });
}

function quiet(): void {}
