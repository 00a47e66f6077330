// Making an account. Its password is made by the server and shown until the administrator says that they have it.
import { html } from "htm/preact";
import type { Plan } from "../../contracts/answers/quota.ts";
import { draftOf, keepDraft } from "../settings/drafts.ts";
import { useWork, WorkState } from "../settings/use-form.ts";
import { type Loaded, LoadState } from "../shell/use-loaded.ts";
import { call } from "../store/account.ts";
import { USERS } from "../texts/admin.ts";
import { MadePassword, type MadePasswordProps } from "./made-password.ts";
import { PlanAndRole, type RoleName, roleGiven } from "./plans.ts";

/** What was made and not yet put away: it is as easily lost as what was typed. */
const MADE = "made user";

export function NewUser({ plans, onMade }: { plans: Loaded<Plan[]>; onMade: () => void }) {
  const work = useWork();
  const made = draftOf(MADE);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    const plan = String(given.get("plan"));
    const isDone = await work.run(async () => {
      const { user, password } = await call("POST /admin/users", {
        email: String(given.get("email")).trim(),
        plan,
        role: roleGiven(String(given.get("role")) as RoleName, plan),
      } as never);
      keepDraft(MADE, JSON.stringify({ id: user.id, email: user.email, password: password ?? "" }));
    });
    if (!isDone) return;
    form.reset();
    onMade();
  };
  if (made !== undefined)
    return html`<${MadePassword} ...${JSON.parse(made) as MadePasswordProps} title=${USERS.madeTitle} onDone=${() => keepDraft(MADE, undefined)} />`;
  return html`<details class="panel adder">
    <summary>${USERS.new()}</summary>
    <${LoadState} of=${plans}>
      <form class="form" onSubmit=${submit}>
        <p class="hint">${USERS.newLead()}</p>
        <label class="field"><span>${USERS.email()}</span>
          <input name="email" type="email" maxlength="254" required autocomplete="off" spellcheck=${false} />
        </label>
        <div class="grid"><${PlanAndRole} plans=${plans.value ?? []} plan=${plans.value?.[0]?.name ?? "free"} role="user" /></div>
        <${WorkState} work=${work} />
        <div class="buttons start"><button type="submit" class="button primary small" disabled=${work.isBusy}>${USERS.make()}</button></div>
      </form>
    <//>
  </details>`;
}
