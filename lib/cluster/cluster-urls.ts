// Where the servers of a cluster are.

/** The forms of the addresses: docs/config.md. */
export type ClusterUrls = {
  nats: string;
  /** A file with a user's JWT and seed. */
  natsCredentials?: string;
  postgres: string;
  mongo: string;
  redis: string;
};
