// /models and /model: which model the next message asks.
import type { ModelInfo } from "../../../contracts/agent.ts";
import { cleanText } from "../../terminal/clean-text.ts";
import type { Server } from "../../terminal/server.ts";
import type { CommandRoom } from "../conversation.ts";

/** Those that can be asked, one a line; of the others each reason once, with all it keeps from being asked. */
export async function listModels({ server, screen, conversation }: CommandRoom): Promise<void> {
  const { models, default: byDefault } = await modelsOf(server);
  const { commands, said } = screen.texts;
  const { dim, green, yellow } = screen.colours;
  const chosen = conversation.model ?? byDefault;
  for (const { id } of models.filter(({ available }) => available))
    screen.note(`${id === chosen ? green("●") : " "} ${cleanText(id)}`);
  const others = Map.groupBy(
    models.filter(({ available }) => !available),
    ({ reason }) => (reason === undefined ? commands.modelNotAvailable : said(cleanText(reason))),
  );
  for (const [reason, gone] of others) {
    screen.tell(commands.modelsGone(reason), (line) => yellow(`  ${line}`));
    const names = gone
      .map(({ id }) => `${id === chosen ? "● " : ""}${cleanText(id)}`)
      .join(commands.modelComma);
    screen.tell(names, (line) => dim(`  ${line}`));
  }
}

export async function chooseModel({ server, screen, conversation }: CommandRoom, id: string): Promise<void> {
  const { commands, said } = screen.texts;
  if (id === "") return screen.tell(commands.modelWhich);
  const { models } = await modelsOf(server);
  const model = models.find((candidate) => candidate.id === id);
  if (model && !model.available)
    return screen.tell(
      commands.modelRefused(id, said(cleanText(model.reason ?? commands.modelNotAvailable))),
    );
  // The list is not everything that a provider may have: whether it has this one is said with the first message.
  const providers = new Set(models.map(({ provider }) => provider));
  if (!model && !(providers.has(id.split("/")[0] ?? "") && /^[^/]+\/./.test(id)))
    return screen.tell(commands.modelUnknown(cleanText(id)));
  conversation.model = id;
  screen.tell(model ? commands.modelChosen(id) : commands.modelChosenUnlisted(cleanText(id)));
}

export function modelsOf(server: Server): Promise<{ models: ModelInfo[]; default: string }> {
  return server.json("GET", "/agent/models");
}
