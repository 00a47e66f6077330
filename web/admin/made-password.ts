// A password that was made for somebody, shown this once.
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import { CopyBox } from "../shell/copy-button.ts";
import { linkTo } from "../store/place.ts";
import { USERS } from "../texts/admin.ts";
import type { Text } from "../texts/texts.ts";

export type MadePasswordProps = { id: string; email: string; password: string };
type Props = MadePasswordProps & { title: Text; onDone: () => void };

export function MadePassword({ id, email, password, title, onDone }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return html`<section class="panel secret" aria-labelledby="made-title">
    <h2 id="made-title" tabindex="-1" ref=${heading}>${title({ email })}</h2>
    <p class="notice">${USERS.passwordWords()}</p>
    <${CopyBox} label=${USERS.password()} text=${password} />
    <div class="buttons start">
      <button type="button" class="button small" onClick=${onDone}>${USERS.have()}</button>
      <a class="button small" href=${linkTo(`/admin/users/${id}`)}>${USERS.toAccount()}</a>
    </div>
  </section>`;
}
