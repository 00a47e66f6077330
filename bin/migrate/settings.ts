// What the move is told by the environment: the data folder, the addresses of the cluster, and the secret that both must share.
import { join } from "node:path";
import { readEnvironment } from "../../lib/env.ts";
import { folderOf, USUAL_HOME } from "../../lib/home-folder.ts";
import { readSecretFile } from "../../lib/secret-file.ts";
import type { Texts } from "../terminal/texts.ts";

type Cluster = NonNullable<ReturnType<typeof readEnvironment>["cluster"]>;
export type Settings = {
  home: string;
  cluster: Cluster;
  /** What the data folder has signed with until now, where it made that itself. */
  secret: string | undefined;
  /** Whether tokens that were given out stay valid with the JWT_SECRET that is set. */
  keepsTokens: boolean;
};

/** The data folder that is named, else the usual one. */
export const homeOf = ({ MACJARVIS_HOME }: NodeJS.ProcessEnv): string =>
  MACJARVIS_HOME ? folderOf(MACJARVIS_HOME) : USUAL_HOME;

/** JWT_SECRET may be absent: then it is the data folder's. @throws Error in words */
export function readSettings(source: NodeJS.ProcessEnv, { migrate }: Texts): Settings {
  const secret = readSecretFile(join(homeOf(source), "jwt-secret"));
  const JWT_SECRET = source.JWT_SECRET || secret;
  const env = readEnvironment({ ...source, ...(JWT_SECRET === undefined ? {} : { JWT_SECRET }) });
  if (!env.cluster) throw new Error(migrate.noCluster);
  const keepsTokens = secret === undefined || env.JWT_SECRET?.includes(secret) === true;
  return { home: env.MACJARVIS_HOME, cluster: env.cluster, secret, keepsTokens };
}
