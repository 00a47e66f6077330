// The policy file of a Mac: what its owner lets anybody do with it. The server can ask for less, never for more. Everything may be
// left out; an empty file allows what the server allows.
import { z } from "zod";
import { hostPattern } from "../../contracts/hosts.ts";
import { folderOf } from "../../lib/home-folder.ts";
import { secretName } from "../secrets/placeholders.ts";
import { mcpServer } from "./mcp-policy.ts";

const MOST = 200;
/** A tool, a category, or a risk (`read`, `write`, `execute`); `*` is all of them. */
const selector = z
  .string()
  .max(100)
  .regex(/^(\*|[A-Za-z][\w.-]*)$/, 'must be the name of a tool, a category, or "read", "write" or "execute"');
const selectors = z.array(selector).max(MOST);
const userIds = z.array(z.string().min(1).max(128)).max(MOST);
const folder = z
  .string()
  .min(1)
  .max(4_096)
  .refine((path) => /^(~(\/|$)|\/)/.test(path), 'must be an absolute path, or begin with "~/"')
  .overwrite(folderOf);
export const policySchema = z.strictObject({
  /** Only what `allow` names, if it is there; never what `deny` names. */
  tools: z.strictObject({ allow: selectors.optional(), deny: selectors.optional() }).optional(),
  /** Folders that tools may touch; the home folder unless given. */
  roots: z.array(folder).min(1).max(50).optional(),
  /** `off`: commands run without one. */
  sandbox: z.enum(["on", "off"]).optional(),
  /** Hosts that tools may send to; all that the user's rules allow unless given. */
  network: z.strictObject({ hosts: z.array(hostPattern).max(MOST) }).optional(),
  /** Whether AppleScript may be run that is not one of the fixed scripts. */
  free_applescript: z.boolean().optional(),
  /** Users, by id, whose calls this Mac takes; those that the server lets unless given. */
  users: z.strictObject({ allow: userIds }).optional(),
  /** Tools that may be given a secret of this Mac; in calls of its owner only, and of those `users`, by id, that are named. */
  secrets: z
    .record(secretName, z.strictObject({ tools: selectors.min(1), users: userIds.optional() }))
    .optional(),
  mcp: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, "must be a short name of small letters"), mcpServer)
    .optional(),
  /** What runs when the server is out of reach: ended after 15 seconds, or kept. */
  when_cut_off: z.enum(["end", "keep"]).optional(),
  limits: z
    .strictObject({
      calls_at_once: z.int().min(1).max(200).optional(),
      /** Seconds after which a call is ended, whatever its tool allows. */
      call_seconds: z.int().min(1).max(3_600).optional(),
    })
    .optional(),
});
export type Policy = z.output<typeof policySchema>;
