// Ids of everything callers can name: opaque strings, a prefix that tells the kind, sortable by time, 80 random bits.
import { z } from "zod";

export const ID_PREFIXES = {
  user: "usr_",
  session: "ses_",
  message: "msg_",
  run: "run_",
  call: "call_",
  node: "nod_",
  key: "key_",
  family: "fam_",
  event: "evt_",
  pairing: "pair_",
  memory: "mem_",
  file: "fil_",
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

type Branded<K extends IdKind> = string & { readonly __id: K };
export type UserId = Branded<"user">;
export type SessionId = Branded<"session">;
export type MessageId = Branded<"message">;
export type RunId = Branded<"run">;
export type CallId = Branded<"call">;
export type NodeId = Branded<"node">;
export type KeyId = Branded<"key">;
export type FamilyId = Branded<"family">;
export type PairingId = Branded<"pairing">;
export type MemoryId = Branded<"memory">;
export type FileId = Branded<"file">;

/** An id as it comes from outside: any short string; one that names nothing is answered 404 by its owner. */
const idSchema = <T extends string>() => z.string().min(1).max(128) as unknown as z.ZodType<T, T>;

export const userId = idSchema<UserId>();
export const sessionId = idSchema<SessionId>();
export const messageId = idSchema<MessageId>();
export const runId = idSchema<RunId>();
export const callId = idSchema<CallId>();
export const nodeId = idSchema<NodeId>();
export const keyId = idSchema<KeyId>();
export const familyId = idSchema<FamilyId>();
export const pairingId = idSchema<PairingId>();
export const memoryId = idSchema<MemoryId>();
export const fileId = idSchema<FileId>();
