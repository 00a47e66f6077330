// The NATS users of deploy/compose/nats/roles.conf as data, and the table of docs/bus.md that shows them.
import { textOf } from "./deploy-files.ts";

export type NatsUser = { user: string; says: string[]; hears: string[]; mayAnswer: boolean };

/** Those with rights of their own: the admin has none listed, which is all of the account. */
export function natsUsers(): NatsUser[] {
  const [, ...blocks] = textOf("deploy/compose/nats/roles.conf").split(/\buser: (?=\w+, password)/);
  return blocks.map((block) => ({
    user: /^\w+/.exec(block)?.[0] ?? "",
    says: listIn(block, "publish"),
    hears: listIn(block, "subscribe"),
    mayAnswer: block.includes("allow_responses: true"),
  }));
}

const listIn = (block: string, name: string) =>
  [...(new RegExp(`${name}: \\[([^\\]]*)\\]`).exec(block)?.[1] ?? "").matchAll(/"([^"]+)"/g)].map(
    ([, subject = ""]) => subject,
  );

/** A row for each subject, a column for each user. */
export function tableOfRoles(): string {
  const users = natsUsers().filter(({ says }) => says.length > 0);
  const subjects = [...new Set(users.flatMap(({ says, hears }) => [...says, ...hears]))].toSorted();
  const cell = (subject: string, { says, hears }: NatsUser) =>
    [says.includes(subject) ? "says" : "", hears.includes(subject) ? "hears" : ""].filter(Boolean).join(", ");
  return [
    `| subject | ${users.map(({ user }) => user).join(" | ")} |`,
    `|---|${"---|".repeat(users.length)}`,
    ...subjects.map(
      (subject) => `| \`${subject}\` | ${users.map((user) => cell(subject, user)).join(" | ")} |`,
    ),
  ].join("\n");
}
