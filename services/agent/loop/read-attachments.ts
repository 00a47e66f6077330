// Reads what models may see of the files of a session's messages: once for a stretch of work. Loaded with the first message that has one.
import type { Attachment, SeenFile } from "../../../contracts/files.ts";
import type { Message } from "../../../contracts/sessions.ts";
import { isPassing } from "../../../lib/broker/bus-errors.ts";
import { toError } from "../../../lib/errors.ts";
import type { Attached, SeenAttachment } from "../prompt/attachments.ts";
import type { Turn } from "./turn.ts";

/** Of old messages; those of the run itself are always read. */
const MOST_OLD_FILES = 20;
const MOST_OLD_PICTURES = 4;
/** Characters of old texts for each token of the window: more would not fit. */
const OLD_CHARACTERS_PER_TOKEN = 2;
const MOST_TEXT_BYTES = 1_048_576;
const MOST_PICTURE_BYTES = 4_194_304;

/** @param messages of the session, oldest first; the run's own may be among them */
export async function readAttachments(turn: Turn, messages: readonly Message[]): Promise<Attached> {
  const { agent, caller, run, window } = turn;
  const own = (run.attachments ?? []).map(({ id }) => id);
  const old = oldOnes(messages, own);
  const ids = [...own, ...old];
  if (ids.length === 0) return new Map();
  const { files } = await agent.ask(caller, "sessions.seenFiles", { ids, session_id: run.session_id });
  const known = new Map(files.map((file) => [file.id, file]));
  const attached = new Map<string, SeenAttachment>();
  let [pictures, characters] = [MOST_OLD_PICTURES, window * OLD_CHARACTERS_PER_TOKEN];
  for (const [index, id] of ids.entries()) {
    const file = known.get(id);
    if (index >= own.length) {
      if (file?.picture) pictures -= 1;
      characters -= file?.text?.characters ?? 0;
      // What is older is named only.
      if (file && (pictures < 0 || characters < 0)) continue;
    }
    attached.set(id, file ? await seen(turn, file) : { type: "gone" });
  }
  return attached;
}

/** Newest first, each once. */
function oldOnes(messages: readonly Message[], own: Attachment["id"][]): Attachment["id"][] {
  const ids = messages
    .toReversed()
    .flatMap(({ attachments = [] }) => attachments.map(({ id }) => id))
    .filter((id) => !own.includes(id));
  return [...new Set(ids)].slice(0, MOST_OLD_FILES);
}

/** @throws what passes by: the run is taken up again when the store is there */
async function seen({ agent, run }: Turn, { id, text, picture, problem }: SeenFile): Promise<SeenAttachment> {
  try {
    if (text) {
      const object = await agent.objects.read(text.key, MOST_TEXT_BYTES);
      const { total, is_counted: isCounted } = text;
      return object ? { type: "text", text: object.bytes.toString(), total, isCounted } : LOST;
    }
    if (picture) {
      const object = await agent.objects.read(picture.key, MOST_PICTURE_BYTES);
      const { media_type } = picture;
      return object
        ? { type: "picture", image: { media_type, data: object.bytes.toString("base64") } }
        : LOST;
    }
  } catch (thrown) {
    if (isPassing(thrown)) throw thrown;
    agent.log.error(
      { err: toError(thrown), run_id: run._id, file_id: id },
      "an attached file cannot be read",
    );
    return LOST;
  }
  return { type: "problem", words: problem ?? "There is nothing in it that could be shown." };
}

const LOST: SeenAttachment = { type: "problem", words: "The server has lost its content." };
