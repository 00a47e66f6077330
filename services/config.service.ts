// Config: the settings that admins change while everything runs. It keeps and shows them; every process follows them by itself
// (lib/settings/live-settings.ts). It runs wherever `users` does.
import * as contract from "../contracts/config.ts";
import { emptyParams } from "../contracts/quota.ts";
import { action, callAs } from "../lib/broker/action.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import { settingsOf } from "../lib/settings/live-settings.ts";
import { audit } from "../mixins/audit.ts";
import { config } from "../mixins/config.ts";
import { auditChange, revertConfig, setConfig } from "./config/change-config.ts";
import { changeOf, viewOf } from "./config/view.ts";

const MIXINS = [config, audit] as const;
type ConfigService = With<typeof MIXINS>;

const ADMIN = { kind: "user", scope: "admin", admin: true } as const;

export const configService = defineService<"config", ConfigService>({
  name: "config",
  mixins: MIXINS,
  actions: {
    get: action({
      access: ADMIN,
      input: emptyParams,
      async handler(this: ConfigService) {
        return viewOf(settingsOf(this.broker), await this.ports.config.read());
      },
    }),
    set: action({
      access: ADMIN,
      input: contract.setConfigParams,
      async handler(this: ConfigService, { overrides, revision }, caller) {
        for (const plan of Object.keys(overrides.plan_limits ?? {}))
          await callAs(this.broker, "config", caller, "quota.requirePlan", { plan });
        return viewOf(settingsOf(this.broker), await setConfig(this.ports, caller, overrides, revision));
      },
    }),
    history: action({
      access: ADMIN,
      input: emptyParams,
      async handler(this: ConfigService) {
        return { changes: (await this.ports.config.history()).map(changeOf) };
      },
    }),
    revert: action({
      access: ADMIN,
      input: contract.revertConfigParams,
      async handler(this: ConfigService, { to, revision }, caller) {
        return viewOf(settingsOf(this.broker), await revertConfig(this.ports, caller, to, revision));
      },
    }),
  },
  async started() {
    // Of a process that died between a change and its entry.
    await auditChange(this.ports, await this.ports.config.read());
  },
});
