import { expect, test } from "@jest/globals";
import type { DomainEvent } from "../../../../contracts/domain-events.ts";
import type { Nats } from "../../../../lib/cluster/nats/open-nats.ts";
import { natsOutlet } from "../../../../lib/cluster/nats/outlet.ts";

test("events that go out together share one question to the server, which is asked behind the last of them", async () => {
  const said: string[] = [];
  let problem: string | undefined;
  let isRefused = false;
  const nats = {
    publish: (subject: string) => said.push(subject) > 0,
    async check() {
      said.push("check");
      return problem;
    },
    mayNotPublish: () => isRefused,
  };
  const outlet = natsOutlet(nats as unknown as Nats);
  const publish = (type: DomainEvent["type"]) => outlet.publish({ type } as DomainEvent);
  expect(await Promise.all([publish("message.sent"), publish("run.finished")])).toEqual([true, true]);
  expect(said).toEqual(["mj.event.message.sent", "mj.event.run.finished", "check"]);
  problem = "NATS does not answer";
  const answers = await Promise.allSettled([publish("message.sent"), publish("run.finished")]);
  expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  problem = undefined;
  isRefused = true;
  await expect(publish("message.sent")).rejects.toMatchObject({ type: "store_unavailable" });
  expect(said.slice(3, 6)).toEqual(["mj.event.message.sent", "mj.event.run.finished", "check"]);
});
