// Where the servers of a cluster are.

/** The forms of the addresses: docs/config.md. */
export type ClusterUrls = {
  nats: string;
  /** A file with a user's JWT and seed. */
  natsCredentials?: string;
  postgres: string;
  /** A server that follows it, for reports. */
  postgresReplica?: string;
  mongo: string;
  redis: string;
  /** Need not be there: what is too large for the bus is refused then. */
  s3?: string;
};
