// POST /anthropic/v1/messages: starts a run by what the request gives and tells its answer as Anthropic's API does, streamed or whole. Leaving
// does not cancel the run.
import type { ServerResponse } from "node:http";
import type { Run, Started } from "../../../contracts/agent.ts";
import { type MessagesBody, messagesBody } from "../../../contracts/anthropic.ts";
import type { RunId } from "../../../contracts/ids.ts";
import { callUnchecked } from "../../../lib/broker/action.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import { messageIdOf } from "../../../lib/ids.ts";
import { EVENT_STREAM } from "../event-stream.ts";
import { type Exchange, metaNow, sendJson } from "../handle-request.ts";
import { approvalWaitMs } from "../model-door/approval-wait.ts";
import { chosenModel } from "../model-door/model-ids.ts";
import { type Ended, tellRun } from "../model-door/tell-run.ts";
import { readBetas } from "./betas.ts";
import { frameOf, NOT_YET, type StreamEvent, WholeMessage } from "./message.ts";
import { errorEvent, type Failure, failureOf, MessageEvents } from "./message-events.ts";
import { messagesOf, parametersOf, toolsOf } from "./read-request.ts";
import { parsed } from "./parsed.ts";
import { rateLimitHeaders } from "./refusal.ts";
