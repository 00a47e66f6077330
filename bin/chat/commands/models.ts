// /models and /model: which model the next message asks.
import type { ModelInfo } from "../../../contracts/agent.ts";
import { cleanText } from "../../terminal/clean-text.ts";
import type { Server } from "../../terminal/server.ts";
import type { CommandRoom } from "../conversation.ts";

export async function listModels({ server, screen, conversation }: CommandRoom): Promise<void> {
  const { models, default: byDefault } = await modelsOf(server);
  const { dim, green, yellow } = screen.colours;
  for (const { id, available, reason } of models) {
    const mark = id === (conversation.model ?? byDefault) ? green("●") : " ";
    const why = cleanText(reason ?? screen.texts.commands.modelNotAvailable);
    const state = available ? "" : yellow(`  ${why}`);
    screen.note(`${mark} ${available ? cleanText(id) : dim(cleanText(id))}${state}`);
  }
}

export async function chooseModel({ server, screen, conversation }: CommandRoom, id: string): Promise<void> {
  const { commands } = screen.texts;
  if (id === "") return screen.note(commands.modelWhich);
  const { models } = await modelsOf(server);
  const model = models.find((candidate) => candidate.id === id);
  if (model && !model.available)
    return screen.note(commands.modelRefused(id, cleanText(model.reason ?? commands.modelNotAvailable)));
  // The list is not everything a server may know: what is wrong is said with the first message.
  conversation.model = id;
  screen.note(model ? commands.modelChosen(id) : commands.modelChosenUnlisted(cleanText(id)));
}

export function modelsOf(server: Server): Promise<{ models: ModelInfo[]; default: string }> {
  return server.json("GET", "/agent/models");
}
