// Random credentials that are shown once and stored as a hash only: refresh tokens and API keys.
import { createHash, randomBytes } from "node:crypto";

/** What an API key begins with. */
export const KEY_PREFIX = "mj_";
/** What a refresh token begins with. */
export const REFRESH_PREFIX = "mjr_";

/** A credential with 256 random bits behind the prefix. */
export const makeSecret = (prefix: string): string => prefix + randomBytes(32).toString("base64url");

/** What is stored and looked up; a bare hash is enough because what is hashed cannot be guessed. */
export const hashSecret = (secret: string): string => createHash("sha256").update(secret).digest("hex");
