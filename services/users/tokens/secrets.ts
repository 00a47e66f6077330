// Random credentials that are shown once and stored as a hash only: refresh tokens, API keys, sign-in codes.
import { createHash, randomBytes } from "node:crypto";

/** What an API key begins with. */
export const KEY_PREFIX = "mj_";
/** What a refresh token begins with. */
export const REFRESH_PREFIX = "mjr_";

/** What a sign-in code begins with. */
export const CODE_PREFIX = "mjc_";

/** A credential with 256 random bits behind the prefix, unless said. */
export const makeSecret = (prefix: string, bytes = 32): string =>
  prefix + randomBytes(bytes).toString("base64url");

/** What is stored and looked up; a bare hash is enough because what is hashed cannot be guessed. */
export const hashSecret = (secret: string): string => createHash("sha256").update(secret).digest("hex");
