// One session as it is shown: its stored messages, a page at a time, and its runs that go on.
import { batch, computed, effect, signal } from "@preact/signals";
import type { Run } from "../../contracts/answers/runs.ts";
import type { Session, ShownMessage } from "../../contracts/answers/sessions.ts";
import { ApiError } from "../../lib/client/api-error.ts";
import type { Given } from "../../lib/client/paths.ts";
import { call } from "../store/account.ts";
import { onNews } from "../store/news.ts";
import { sayError } from "../store/say-error.ts";
import { keepSession } from "../store/sessions.ts";
import { isVisible } from "../store/visible.ts";
import { Attached, type Attachment } from "./attached.ts";
import { isGone, LiveRun } from "./live-run.ts";
import { Replacing } from "./replacing.ts";
import { isOver, type Turn } from "./steps.ts";
import { type KnownTurns, saidOf, turnsOf } from "./turns.ts";

const PAGE = 50;
/** More messages than that are not kept while nobody looks at the older ones. */
const MOST_KEPT = 4 * PAGE;
const RUNS_PAGE = 20;

export type Message = {
  message: string;
  model?: string;
  node_id?: string;
  if_busy?: "queue" | "interrupt";
  /** A message of the person that goes, with all that followed it. */
  replaces?: string;
};

export class Conversation {
  /** Undefined until the first message has made the session. */
  readonly id = signal<string | undefined>(undefined);
  readonly session = signal<Session | undefined>(undefined);
  readonly messages = signal<ShownMessage[]>([]);
  readonly hasOlder = signal(false);
  readonly isLoading = signal(false);
  readonly isLoadingOlder = signal(false);
  /** Why it cannot be shown. */
  readonly failure = signal("");
  /** It is not there (any more). */
  readonly isMissing = signal(false);
  readonly live = signal<LiveRun[]>([]);
  /** Files of the message that is being written. */
  readonly attached = new Attached();
  readonly replacing = new Replacing((body, onRefused, files) => this.send(body, onRefused, () => {}, files));
  readonly #runs = signal<ReadonlyMap<string, Run>>(new Map());
  readonly #isAllKnown = signal(false);
  readonly #known: KnownTurns = new Map();
  readonly #ends: (() => void)[] = [];
  #isClosed = false;
  /** Where the list of runs goes on: undefined at its beginning, null at its end. */
  #runsBefore: string | null | undefined;
  #oldestRun = "~";

  readonly turns = computed<Turn[]>(() => {
    const live = this.live.value;
    const shownLive = new Set(live.map(({ turn }) => turn.run.value?.id ?? turn.key));
    const stored = turnsOf(this.messages.value, this.#runs.value, this.#known);
    return [...stored.filter(({ key }) => !shownLive.has(key)), ...live.map(({ turn }) => turn)];
  });
  /** What the runs cost that are known; undefined until all are. */
  readonly cost = computed(() => {
    if (this.#isAllKnown.value !== true || this.#runs.value.size === 0) return undefined;
    const all = [...this.#runs.value.values()].map(({ usage }) => usage);
    return {
      tokens: all.reduce((sum, usage) => sum + usage.input_tokens + usage.output_tokens, 0),
      usd: all.reduce((sum, usage) => sum + usage.cost_usd, 0),
    };
  });
  /** The run that the session works on, or that waits in it. */
  readonly working = computed(() =>
    this.live.value.find(({ turn }) => turn.run.value && !isOver(turn.run.value.status)),
  );
  readonly isBusy = computed(() => this.working.value !== undefined);

  constructor(id: string | undefined) {
    this.id.value = id;
    // Of a new session all runs are made here.
    this.#isAllKnown.value = id === undefined;
    if (id) void this.load();
    this.#ends.push(onNews((news) => this.#hear(news)));
    // What nobody sees is not read; seen again, it goes on where it was left.
    this.#ends.push(
      effect(() => {
        const isSeen = isVisible.value;
        for (const run of this.live.peek()) {
          if (isSeen) void this.#follow(run, () => run.readOn());
          else run.leave();
        }
      }),
    );
  }

  close(): void {
    this.#isClosed = true;
    for (const end of this.#ends) end();
    this.attached.close();
    this.replacing.cancel();
    for (const run of this.live.value) run.leave();
  }

  /** The newest messages, and what goes on. */
  async load(): Promise<void> {
    const id = this.id.value;
    if (!id) return;
    this.isLoading.value = true;
    this.failure.value = "";
    for (const run of this.live.value) run.leave();
    this.live.value = [];
    this.#runsBefore = undefined;
    this.#oldestRun = "~";
    try {
      const [{ session }, page] = await Promise.all([
        call("GET /sessions/{id}", { id } as never),
        call("GET /sessions/{id}/messages", { id, limit: PAGE } as never),
      ]);
      if (this.#isClosed) return;
      batch(() => {
        this.session.value = session;
        this.messages.value = page.messages;
        this.hasOlder.value = page.has_more;
      });
      await this.#loadRuns();
    } catch (thrown) {
      this.isMissing.value = thrown instanceof ApiError && thrown.status === 404;
      this.failure.value = sayError(thrown);
    } finally {
      this.isLoading.value = false;
    }
  }

  /** The page before what is shown. @param beforeChange when it is there, and not shown yet */
  async loadOlder(beforeChange: () => void = () => {}): Promise<void> {
    const before = this.messages.value[0]?.id;
    const id = this.id.value;
    if (!id || !before || !this.hasOlder.value || this.isLoadingOlder.value) return;
    this.isLoadingOlder.value = true;
    try {
      const page = await call("GET /sessions/{id}/messages", { id, limit: PAGE, before } as never);
      beforeChange();
      batch(() => {
        this.messages.value = [...page.messages, ...this.messages.value];
        this.hasOlder.value = page.has_more;
      });
      void this.#loadRuns();
    } catch (thrown) {
      this.failure.value = sayError(thrown);
    } finally {
      this.isLoadingOlder.value = false;
    }
  }

  /** The reader is at the end: of many messages the older ones go, and are read again by whoever scrolls up to them. */
  forgetOlder(): void {
    const all = this.messages.value;
    if (all.length <= MOST_KEPT || this.isLoadingOlder.value) return;
    const least = all.length - MOST_KEPT / 2;
    // What belongs to one run stays together.
    const from = all.findIndex(({ role }, index) => index >= least && role === "user");
    if (from === -1) return;
    this.messages.value = all.slice(from);
    this.hasOlder.value = true;
  }

  /**
   * Says something. @param onRefused with the text, when the server did not take it
   */
  async send(
    body: Message,
    onRefused: (thrown: unknown) => void,
    onSession: (id: string) => void,
    files: Attachment[] = [],
  ): Promise<void> {
    const session_id = this.id.value;
    const run = new LiveRun(`live_${performance.now()}`, {
      id: undefined,
      text: body.message,
      at: new Date().toISOString(),
      files,
    });
    const shown = { messages: this.messages.value, live: this.live.value };
    batch(() => {
      this.#hide(body.replaces);
      this.live.value = [...this.live.value, run];
    });
    const ids = files.map(({ id }) => id);
    let isTaken = false;
    await this.#follow(run, async () => {
      try {
        await run.read(
          {
            body: {
              ...body,
              ...(session_id ? { session_id } : {}),
              ...(ids.length > 0 ? { files: ids } : {}),
            },
          },
          ({ data }) => {
            if (isTaken) return;
            isTaken = true;
            // It may have been read once more meanwhile.
            this.#hide(body.replaces);
            const said = run.turn.said.value;
            run.turn.said.value = said && { ...said, id: data.message_id };
            if (this.id.value) return;
            this.id.value = data.session_id;
            onSession(data.session_id);
            void this.#readSession();
          },
        );
      } catch (thrown) {
        if (isTaken) throw thrown;
        batch(() => {
          this.live.value = this.live.value.filter((one) => one !== run);
          if (body.replaces) {
            this.messages.value = shown.messages;
            this.live.value = shown.live;
          }
          onRefused(thrown);
        });
        // Somebody else may have replaced it.
        if (body.replaces) await this.#newMessages();
      }
    });
  }

  /** @throws ApiError */
  async cancel(): Promise<void> {
    const run_id = this.working.value?.runId;
    if (run_id) await call("POST /agent/cancel/{run_id}", { run_id } as never);
  }

  /** @throws ApiError */
  async change(change: Omit<Given<"PATCH /sessions/{id}">, "id">): Promise<void> {
    const id = this.id.value;
    if (!id) return;
    const { session } = await call("PATCH /sessions/{id}", { id, ...change } as never);
    this.session.value = session;
    keepSession(session);
  }

  /** Reads a run to its end, then shows what is stored of it instead. */
  async #follow(run: LiveRun, read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (thrown) {
      if (!isGone(thrown)) {
        this.failure.value = sayError(thrown);
        return;
      }
      await this.#store(run);
      return;
    }
    if (run.isDone) await this.#store(run);
  }

  async #store(run: LiveRun): Promise<void> {
    const id = this.id.value;
    const run_id = run.runId;
    if (!id || !run_id || this.#isClosed) return;
    try {
      const [page, answered] = await Promise.all([
        call("GET /sessions/{id}/messages", { id, limit: PAGE } as never),
        call("GET /agent/runs/{run_id}", { run_id } as never),
      ]);
      batch(() => {
        this.#runs.value = new Map(this.#runs.value).set(run_id, answered.run);
        this.#merge(page);
        if (page.messages.some((message) => message.run_id === run_id))
          this.live.value = this.live.value.filter((one) => one !== run);
      });
    } catch {
      // What the run's events told stays on the screen.
    }
  }

  /** The newest page after what is known already. */
  #merge({ messages: newest, has_more }: { messages: ShownMessage[]; has_more: boolean }): void {
    const first = newest[0];
    if (!first) return;
    for (const { replaces } of newest) this.#hide(replaces);
    const at = this.messages.value.findIndex(({ id }) => id === first.id);
    // The whole session: what is not in it was replaced.
    const known = has_more ? this.messages.value.slice(0, at === -1 ? undefined : at) : [];
    const ids = new Set(newest.map(({ id }) => id));
    this.messages.value = [...known.filter(({ id }) => !ids.has(id)), ...newest];
  }

  /** A message that was replaced goes, with all that followed it. */
  #hide(replaced: string | undefined): void {
    if (!replaced) return;
    const at = this.messages.value.findIndex(({ id }) => id === replaced);
    if (at !== -1) this.messages.value = this.messages.value.slice(0, at);
    this.live.value = this.live.value.filter(({ turn }) => turn.said.value?.id !== replaced);
  }

  /** The runs behind the messages: what they cost and how their calls ended; those that go on are followed. */
  async #loadRuns(): Promise<void> {
    const oldest = this.messages.value[0]?.created_at ?? "";
    while (this.#runsBefore !== null && this.#oldestRun > oldest) {
      const cursor = this.#runsBefore === undefined ? {} : { cursor: this.#runsBefore };
      const wanted = { session_id: this.id.value, limit: RUNS_PAGE, ...cursor };
      const page = await call("GET /agent/runs", wanted as never).catch(() => undefined);
      if (!page || this.#isClosed) return;
      this.#runsBefore = page.next_cursor;
      this.#isAllKnown.value = page.next_cursor === null;
      this.#oldestRun = page.runs.at(-1)?.created_at ?? "";
      this.#runs.value = new Map([...this.#runs.value, ...page.runs.map((run) => [run.id, run] as const)]);
      for (const run of page.runs.toReversed()) if (!isOver(run.status)) this.#attach(run.id);
    }
  }

  /** Follows a run that somebody else began, or that this page left. */
  #attach(runId: string): void {
    if (this.live.value.some((run) => run.runId === runId || run.turn.key === runId)) return;
    const said = this.messages.value.find((message) => message.run_id === runId && message.role === "user");
    const run = new LiveRun(runId, said && saidOf(said));
    this.live.value = [...this.live.value, run];
    if (isVisible.peek()) void this.#follow(run, () => run.read({ runId }));
  }

  #hear(news: Parameters<Parameters<typeof onNews>[0]>[0]): void {
    const id = this.id.value;
    if (!id || news.event === "node") return;
    if (news.event === "ready") return void this.#catchUp();
    if (news.data.session_id !== id) return;
    if (news.event === "session") {
      if (news.data.change === "removed") this.isMissing.value = true;
      else void this.#readSession();
    }
    if (news.event !== "run" || isOver(news.data.status)) return;
    const { run_id } = news.data;
    // Ours is known by its own first event, which may come after this.
    if (this.live.value.some((run) => run.runId === undefined || run.runId === run_id)) return;
    void this.#newMessages().then(() => this.#attach(run_id));
  }

  /** What happened while nothing was heard. */
  async #catchUp(): Promise<void> {
    if (this.isLoading.value) return;
    const wanted = { session_id: this.id.value, limit: RUNS_PAGE };
    const [page] = await Promise.all([
      call("GET /agent/runs", wanted as never).catch(() => undefined),
      this.#newMessages(),
      this.#readSession(),
    ]);
    if (!page || this.#isClosed) return;
    this.#runs.value = new Map([...this.#runs.value, ...page.runs.map((run) => [run.id, run] as const)]);
    for (const run of page.runs.toReversed()) if (!isOver(run.status)) this.#attach(run.id);
  }

  async #newMessages(): Promise<void> {
    const id = this.id.value;
    const page = await call("GET /sessions/{id}/messages", { id, limit: PAGE } as never).catch(
      () => undefined,
    );
    if (page) this.#merge(page);
  }

  async #readSession(): Promise<void> {
    const id = this.id.value;
    const found = await call("GET /sessions/{id}", { id } as never).catch(() => undefined);
    if (!found) return;
    this.session.value = found.session;
    keepSession(found.session);
  }
}
