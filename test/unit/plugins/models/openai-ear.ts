// The OpenAI provider on a fake server, for the tests of what it makes of answers.
import { afterAll, beforeAll } from "@jest/globals";
import type { ModelProvider } from "../../../../contracts/models.ts";
import { openaiProvider } from "../../../../plugins/models/openai.ts";
import type { FakeTurn } from "../../../support/fake-model/turn.ts";
import { type FakeModel, startFakeModel } from "../../../support/fake-model-server.ts";
import { ask, type Said } from "./ask-provider.ts";

/** One server and one provider for the test file. `hear` lets the server answer with a turn and tells what the provider made of it. */
export function openaiEar(): { hear(turn: FakeTurn): Promise<Said>; requests(): FakeModel["requests"] } {
  let fake: FakeModel;
  let provider: ModelProvider;
  beforeAll(async () => {
    fake = await startFakeModel();
    provider = openaiProvider({ baseUrl: `${fake.url}/v1`, apiKey: "sk-canary" });
  });
  afterAll(() => fake.close());
  return {
    hear(turn) {
      fake.requests.length = 0;
      fake.script([turn]);
      return ask(provider);
    },
    requests: () => fake.requests,
  };
}
