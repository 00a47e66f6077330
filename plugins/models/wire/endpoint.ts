// Where a provider's questions go: made once by the vendor's SDK, used for every request.

/** The address of questions, and what is sent with each. */
export type Endpoint = {
  url: URL;
  /** With the credential, so never to be logged. */
  headers: Record<string, string>;
};
