// Tells the Macs that this hub hears what of them the server has frozen: when they come, when it changes, and now and again, since a
// word may be lost on its way. A Mac forgets what is older than what it knows, so several hubs may say it.
import type { NodeId } from "../../../contracts/ids.ts";
import type { ToldFreeze } from "../../../contracts/nodes.ts";

type Given = {
  /** Of these, what was ever frozen or thawed. */
  ask(ids: NodeId[]): Promise<ToldFreeze[]>;
  /** @throws when it does not answer */
  tell(told: ToldFreeze): Promise<unknown>;
  warn(thrown: unknown): void;
};
type Mac = { node_id: NodeId; instance: string };

export class HubFreezes {
  readonly #given: Given;
  /** By process of a Mac: the change that it has answered to. */
  readonly #told = new Map<NodeId, { instance: string; changed_at: number }>();

  constructor(given: Given) {
    this.#given = given;
  }

  /** Never throws: what fails is tried at the next look. @param macs all that are connected, or some of them */
  async look(macs: Mac[]): Promise<void> {
    if (macs.length === 0) return;
    try {
      const freezes = await this.#given.ask(macs.map(({ node_id }) => node_id));
      await Promise.all(freezes.map((told) => this.#tell(told, macs)));
    } catch (thrown) {
      this.#given.warn(thrown);
    }
  }

  forget(node_id: NodeId): void {
    this.#told.delete(node_id);
  }

  async #tell(told: ToldFreeze, macs: Mac[]): Promise<void> {
    const { node_id, changed_at } = told;
    const { instance = "" } = macs.find((mac) => mac.node_id === node_id) ?? {};
    const known = this.#told.get(node_id);
    if (known?.instance === instance && known.changed_at >= changed_at) return;
    try {
      await this.#given.tell(told);
      this.#told.set(node_id, { instance, changed_at });
    } catch (thrown) {
      this.#given.warn(thrown);
    }
  }
}
