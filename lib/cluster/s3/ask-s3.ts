// Whether the S3 store can be used, for `npm run doctor`.
import { openS3 } from "./open-s3.ts";

/** @returns what keeps it from being used, in words. @throws Error in words when the URL cannot be used */
export async function askS3(url: string): Promise<string | undefined> {
  const s3 = openS3({ url });
  try {
    return await s3.check();
  } finally {
    await s3.close();
  }
}
