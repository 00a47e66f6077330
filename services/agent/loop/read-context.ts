// What the prompt of a step is made of: read once for a stretch of work, because nothing of it changes while the run works and
// providers cache a prompt that begins the same.
import { type History, historyOf } from "../prompt/exchanges.ts";
import type { Offered } from "../prompt/system-prompt.ts";
import type { Turn } from "./turn.ts";

/** More is not read than could fit: a token has about four bytes, and old results are cut to an eighth. */
const BYTES_PER_TOKEN = 8;
const MOST_BYTES = 4_000_000;

/** @param window tokens the model can take */
export async function readContext(
  turn: Turn,
  window: number,
): Promise<{ history: History; offered: Offered }> {
  const [history, offered] = await Promise.all([
    turn.history ?? readHistory(turn, window),
    turn.offered ?? readTools(turn),
  ]);
  turn.history = history;
  turn.offered = offered;
  return { history, offered };
}

async function readHistory({ agent, run, caller }: Turn, window: number): Promise<History> {
  const recent = await agent.ask(caller, "sessions.recent", {
    id: run.session_id,
    max_bytes: Math.min(window * BYTES_PER_TOKEN, MOST_BYTES),
  });
  return historyOf(recent, run._id);
}

/** The tools a run may ask for: the user's catalogue, narrowed by the request, bounded by the plan, on the node it names. */
async function readTools({ agent, run, caller }: Turn): Promise<Offered> {
  const { node_id, tools: wanted, max_tools } = run.options;
  const catalogue = await agent.ask(caller, "tools.list", node_id ? { node_id } : {});
  const allowed = wanted ? catalogue.tools.filter((tool) => wanted.includes(tool.name)) : catalogue.tools;
  return {
    tools: allowed
      .slice(0, max_tools ?? allowed.length)
      .map(({ name, description, parameters }) => ({ name, description, parameters })),
    nodes: catalogue.nodes,
  };
}
