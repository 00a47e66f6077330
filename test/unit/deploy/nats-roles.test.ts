import { expect, test } from "@jest/globals";
import { compose, documentsOf, environmentOf, textOf } from "../../support/deploy-files.ts";
import { natsUsers, tableOfRoles } from "../../support/nats-roles.ts";

const users = natsUsers();
const names = users.map(({ user }) => user);
const userOf = (url = "") => new URL(url.split(",")[0] ?? "").username;
const of = (name: string) =>
  users.find(({ user }) => user === name) ?? { says: [], hears: [], mayAnswer: false };

/** Which user a process with these services has. */
function roleOf(services = ""): string {
  if (services === "api") return "gateway";
  return ["agent", "node"].includes(services) ? services : "core";
}

test("docs/bus.md shows the rights of deploy/compose/nats/roles.conf", () => {
  expect(names).toEqual(["gateway", "agent", "core", "node", "admin"]);
  expect(textOf("docs/bus.md")).toContain(`\n${tableOfRoles()}\n`);
});

test("only agents write runs, only they change or empty their stream, and only core writes settings", () => {
  const may = (subject: string) => users.filter(({ says }) => says.includes(subject)).map(({ user }) => user);
  expect(may("mj.run.*")).toEqual(["agent"]);
  // A message with a header of its own could empty the whole stream there.
  expect(may("mj.probe")).toEqual(["agent"]);
  for (const what of ["UPDATE", "PURGE"]) expect(may(`$JS.API.STREAM.${what}.RUNS`)).toEqual(["agent"]);
  expect(may("$KV.mj_config.settings")).toEqual(["core"]);
  expect(may("$JS.API.STREAM.UPDATE.KV_mj_config")).toEqual(["core"]);
  const all = users.flatMap(({ says }) => says);
  expect(
    all.filter((one) => /STREAM\.(DELETE|MSG\.DELETE|RESTORE|SNAPSHOT)|^\$JS\.API\.>$|^>$/.test(one)),
  ).toEqual([]);
});

test("nobody may hear a wildcard that nats-server would take for more than it says", () => {
  for (const { hears } of users) {
    // "MOL-macjarvis.>" has two words, as "MOL-macjarvis.*" has.
    expect(hears.filter((one) => /^MOL-macjarvis\.\*$|^(\*|>)/.test(one))).toEqual([]);
    expect(hears).not.toContain("_INBOX.>");
  }
});

test("each user hears its own answers, and answers who asks everybody", () => {
  for (const { user, hears, mayAnswer } of users.filter(({ says }) => says.length > 0)) {
    expect(hears).toContain(`_INBOX.${user}.>`);
    expect(hears).toContain("mj.who");
    expect(mayAnswer).toBe(true);
  }
});

test("in docker-compose.yml every process has the user of its role, and nats-server each password, in quotes and not in its arguments", () => {
  const { services } = compose();
  for (const [name, service] of Object.entries(services)) {
    const environment = environmentOf(service);
    if (environment)
      expect([name, userOf(environment.NATS_URL)]).toEqual([name, roleOf(environment.SERVICES)]);
    if (!service.image?.startsWith("nats:")) continue;
    expect(service.command?.join(" ")).not.toMatch(/PASSWORD|--pass|--user/);
    for (const user of names) {
      const variable = `NATS_${user.toUpperCase()}_PASSWORD`;
      expect(service.environment?.[variable]).toMatch(new RegExp(`^"\\$\\{${variable}:\\?.*\\}"$`));
    }
  }
  expect(userOf(services.admin?.environment?.NATS_URL)).toBe("admin");
  const ways = [...textOf("docker-compose.yml").matchAll(/tls:\/\/(\w+):\$\{NATS_(\w+)_PASSWORD\}@nats-1/g)];
  expect(ways).toHaveLength(8);
  for (const [, user, password] of ways) expect(password).toBe(user?.toUpperCase());
});

test("in deploy/kubernetes every process takes the secret with the user of its role, and no other", () => {
  type Workload = {
    spec: {
      template: { spec: { containers: [{ env: { name: string; value: string }[]; envFrom: object[] }] } };
    };
  };
  type Secret = { metadata: { name: string }; stringData?: { NATS_URL?: string } };
  const secrets = documentsOf<Secret>("deploy/kubernetes/secrets.example.yaml");
  for (const role of ["gateway", "agent", "core", "node"]) {
    const [workload] = documentsOf<Workload>(`deploy/kubernetes/base/${role}.yaml`);
    const [container] = workload?.spec.template.spec.containers ?? [];
    expect(roleOf(container?.env.find(({ name }) => name === "SERVICES")?.value)).toBe(role);
    const taken = JSON.stringify(container?.envFrom).match(/macjarvis-nats-\w+/g);
    expect(taken).toEqual([`macjarvis-nats-${role}`]);
    const secret = secrets.find(({ metadata }) => metadata.name === `macjarvis-nats-${role}`);
    expect(userOf(secret?.stringData?.NATS_URL)).toBe(role);
  }
  expect(secrets.find(({ metadata }) => metadata.name === "macjarvis")?.stringData?.NATS_URL).toBeUndefined();
  expect(of("node").hears).not.toContain("mj.live.*");
});
