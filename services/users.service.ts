// Users: accounts, logins, API keys, and who a token belongs to. What changes state is one verb a file in `users/store`.
import type { Context, ServiceSchema } from "moleculer";
import { auditParams, verifyAuditParams } from "../contracts/audit.ts";
import { emptyParams } from "../contracts/quota.ts";
import * as contract from "../contracts/users.ts";
import * as work from "../contracts/waiting-work.ts";
import { action } from "../lib/broker/action.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import { sendDomainEvents } from "../lib/domain-events.ts";
import { audit } from "../mixins/audit.ts";
import { cache } from "../mixins/cache.ts";
import { domainEvents } from "../mixins/domain-events.ts";
import { durableWork } from "../mixins/durable-work.ts";
import { locks } from "../mixins/locks.ts";
import { moments } from "../mixins/moments.ts";
import { signals } from "../mixins/signals.ts";
import { sql } from "../mixins/sql.ts";
import { callerOf } from "./users/accounts/caller-of.ts";
import { startEndingRuns } from "./users/accounts/end-runs.ts";
import { findUsers } from "./users/accounts/find-users.ts";
import { startFollowingPlans } from "./users/accounts/follow-plan.ts";
import { login } from "./users/accounts/login.ts";
import { register } from "./users/accounts/register.ts";
import { startRemovals } from "./users/accounts/remove-account.ts";
import { removeMe } from "./users/accounts/remove-me.ts";
import { updateMe } from "./users/accounts/update-me.ts";
import { adminCreate } from "./users/admin/create-user.ts";
import { adminGet, adminUsage } from "./users/admin/get-user.ts";
import { adminList } from "./users/admin/list-users.ts";
import { redrive } from "./users/admin/redrive.ts";
import { adminRemove } from "./users/admin/remove-user.ts";
import { adminUpdate } from "./users/admin/update-user.ts";
import { createKey } from "./users/keys/create-key.ts";
import { removeKey } from "./users/keys/remove-key.ts";
import { ensureOwner } from "./users/owner.ts";
import { type From, followChanges, openRooms, type Rooms, type UsersSettings } from "./users/rooms.ts";
import { listKeys } from "./users/store/api-keys.ts";
import { MIGRATIONS } from "./users/store/migrations.ts";
import type { UsersTables } from "./users/store/tables.ts";
import { getActiveUser } from "./users/store/users.ts";
import { credentialStates } from "./users/tokens/credential-states.ts";
import { logout, refresh } from "./users/tokens/refresh.ts";
import { createSignInCode, signIn } from "./users/tokens/sign-in-codes.ts";
import { keyView, userView } from "./users/view.ts";

const MIXINS = [
  sql<UsersTables>(MIGRATIONS),
  moments,
  audit,
  durableWork,
  domainEvents,
  signals,
  cache,
  locks,
] as const;
type UsersService = With<typeof MIXINS> & { rooms: Rooms };

const PUBLIC = { kind: "public" } as const;
const ACCOUNT = { kind: "user", scope: "account" } as const;
const ADMIN = { kind: "user", scope: "admin", admin: true } as const;

/** The client's real address as the gateway found it; calls that come from nowhere share one. */
const addressOf = (ctx: Context) =>
  String((ctx.meta as { clientAddress?: unknown }).clientAddress ?? "local");

/** Who opens a login, and with what program. */
const from = (ctx: Context): From => {
  const { clientProgram } = ctx.meta as { clientProgram?: unknown };
  return { address: addressOf(ctx), program: typeof clientProgram === "string" ? clientProgram : null };
};

/** The settings stay outside the schema, which Moleculer shows to other nodes: they hold the signing secrets. */
export function usersService(settings: UsersSettings): ServiceSchema {
  return defineService<"users", UsersService>({
    name: "users",
    mixins: MIXINS,
    actions: {
      register: action({
        access: PUBLIC,
        input: contract.registerParams,
        handler(this: UsersService, params, _caller, ctx) {
          return register(this.rooms, params, from(ctx));
        },
      }),
      login: action({
        access: PUBLIC,
        input: contract.loginParams,
        handler(this: UsersService, params, _caller, ctx) {
          return login(this.rooms, params, from(ctx));
        },
      }),
      createSignInCode: action({
        access: ACCOUNT,
        input: emptyParams,
        handler(this: UsersService, _params, caller) {
          return createSignInCode(this.rooms, caller);
        },
      }),
      signIn: action({
        access: PUBLIC,
        input: contract.signInParams,
        handler(this: UsersService, params, _caller, ctx) {
          return signIn(this.rooms, params, from(ctx));
        },
      }),
      refresh: action({
        access: PUBLIC,
        input: contract.refreshParams,
        handler(this: UsersService, { refresh_token }) {
          return refresh(this.rooms, refresh_token);
        },
      }),
      logout: action({
        access: PUBLIC,
        input: contract.refreshParams,
        async handler(this: UsersService, { refresh_token }) {
          await logout(this.rooms, refresh_token);
          return null;
        },
      }),
      resolveToken: action({
        access: PUBLIC,
        input: contract.resolveTokenParams,
        handler(this: UsersService, { token }) {
          return this.rooms.resolver.resolve(token);
        },
      }),
      credentials: action({
        access: { kind: "internal" },
        input: contract.credentialsParams,
        async handler(this: UsersService, { credentials }) {
          return { states: await credentialStates(this.rooms.database, credentials) };
        },
      }),
      callerOf: action({
        access: { kind: "internal" },
        input: contract.callerOfParams,
        handler(this: UsersService, { user_id, key_id }) {
          return callerOf(this.rooms, user_id, key_id);
        },
      }),
      find: action({
        access: { kind: "internal" },
        input: contract.findUsersParams,
        async handler(this: UsersService, params) {
          return { users: await findUsers(this.rooms.database, params) };
        },
      }),
      me: action({
        access: ACCOUNT,
        input: emptyParams,
        async handler(this: UsersService, _params, caller) {
          return { user: userView(await getActiveUser(this.rooms.database, caller.user_id)) };
        },
      }),
      updateMe: action({
        access: ACCOUNT,
        input: contract.updateMeParams,
        async handler(this: UsersService, params, caller, ctx) {
          return { user: await updateMe(this.rooms, caller, params, addressOf(ctx)) };
        },
      }),
      removeMe: action({
        access: ACCOUNT,
        input: contract.removeMeParams,
        handler(this: UsersService, { current_password }, caller, ctx) {
          return removeMe(this.rooms, caller, current_password, addressOf(ctx));
        },
      }),
      listLogins: action({
        access: ACCOUNT,
        input: emptyParams,
        async handler(this: UsersService, _params, caller) {
          const { listLogins } = await import("./users/accounts/logins.ts");
          return { logins: await listLogins(this.rooms, caller) };
        },
      }),
      endLogin: action({
        access: ACCOUNT,
        input: contract.endLoginParams,
        async handler(this: UsersService, { id }, caller) {
          const { endLogin } = await import("./users/accounts/logins.ts");
          await endLogin(this.rooms, caller, id);
          return null;
        },
      }),
      listKeys: action({
        access: ACCOUNT,
        input: emptyParams,
        async handler(this: UsersService, _params, caller) {
          return { keys: (await listKeys(this.rooms.database, caller.user_id)).map(keyView) };
        },
      }),
      createKey: action({
        access: ACCOUNT,
        input: contract.createKeyParams,
        handler(this: UsersService, params, caller) {
          return createKey(this.rooms, caller, params);
        },
      }),
      removeKey: action({
        access: ACCOUNT,
        input: contract.removeKeyParams,
        async handler(this: UsersService, { id }, caller) {
          await removeKey(this.rooms, caller, id);
          return null;
        },
      }),
      adminList: action({
        access: ADMIN,
        input: contract.adminListUsersParams,
        handler(this: UsersService, params) {
          return adminList(this.rooms, params);
        },
      }),
      adminGet: action({
        access: ADMIN,
        input: contract.adminUserParams,
        handler(this: UsersService, { id }) {
          return adminGet(this.rooms, id);
        },
      }),
      adminUsage: action({
        access: ADMIN,
        input: contract.adminUsageParams,
        handler(this: UsersService, params) {
          return adminUsage(this.rooms, params);
        },
      }),
      adminCreate: action({
        access: ADMIN,
        input: contract.adminCreateUserParams,
        handler(this: UsersService, params, caller, ctx) {
          return adminCreate(this.rooms, caller, params, addressOf(ctx));
        },
      }),
      adminUpdate: action({
        access: ADMIN,
        input: contract.adminUpdateUserParams,
        handler(this: UsersService, params, admin, ctx) {
          return adminUpdate(this.rooms, { admin, params, address: addressOf(ctx) });
        },
      }),
      adminAudit: action({
        access: ADMIN,
        input: auditParams,
        async handler(this: UsersService, params) {
          const { readAudit } = await import("./users/audit/read-audit.ts");
          return readAudit(this.ports.audit.reading.trail, params);
        },
      }),
      verifyAudit: action({
        access: ADMIN,
        input: verifyAuditParams,
        async handler(this: UsersService, params, caller) {
          const { verifyAudit } = await import("./users/audit/verify-audit.ts");
          return verifyAudit(this.rooms, caller, params);
        },
      }),
      deadLetters: action({
        access: ADMIN,
        input: work.deadLettersParams,
        async handler(this: UsersService, { limit }) {
          return { dead_letters: await this.ports.work.deadLetters(limit) };
        },
      }),
      redrive: action({
        access: ADMIN,
        input: work.deadLetterParams,
        async handler(this: UsersService, { id }, caller) {
          await redrive(this.rooms, caller, id);
          return null;
        },
      }),
      adminRemove: action({
        access: ADMIN,
        input: contract.adminUserParams,
        handler(this: UsersService, { id }, caller) {
          return adminRemove(this.rooms, caller, id);
        },
      }),
    },
    created() {
      this.rooms = openRooms(this, settings);
    },
    async started() {
      followChanges(this.rooms);
      sendDomainEvents(this.ports.work, this.ports.outlet, this.rooms.log);
      startEndingRuns(this.rooms);
      startFollowingPlans(this.rooms);
      await startRemovals(this.rooms);
      if (settings.ownerKeyFile !== undefined) await ensureOwner(this.rooms, settings.ownerKeyFile);
    },
    async stopped() {
      await this.rooms.passwords.close();
    },
  });
}
