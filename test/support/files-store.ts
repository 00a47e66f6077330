// Where a flow test's installation keeps the files of its users: one process has its data folder, a cluster an S3 store.
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { isOnCluster } from "./on-cluster.ts";
import { startS3 } from "./servers/s3.ts";

export type FilesStore = { settings: Record<string, string>; stop: () => Promise<void> };

export async function startFilesStore(): Promise<FilesStore> {
  if (!isOnCluster) return { settings: {}, stop: async () => undefined };
  const store = await startS3();
  const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
  const admin = new S3Client({ endpoint: store.url, region: "us-east-1", credentials, forcePathStyle: true });
  await admin.send(new CreateBucketCommand({ Bucket: "files" }));
  admin.destroy();
  return {
    settings: { S3_URL: `http://key:secret@127.0.0.1:${store.port}/files` },
    stop: () => store.stop(),
  };
}
