// What went wrong in the program of a Mac, in the words of whoever started it.
import { toError } from "../../lib/errors.ts";
import { NodeProblem, type Problem } from "../../mac-node/program/problem.ts";
import { visibleLine } from "../terminal/clean-text.ts";
import type { Texts } from "../terminal/texts.ts";
import { reasonOf } from "../terminal/why-unreachable.ts";

export function wordsOf(thrown: unknown, texts: Texts): string {
  if (thrown instanceof NodeProblem) return wordsOfProblem(thrown.problem, texts);
  return texts.said(toError(thrown).message);
}

function wordsOfProblem(problem: Problem, texts: Texts): string {
  const words = texts.node.problem;
  switch (problem.kind) {
    case "not_paired":
      return words.notPaired;
    case "already_paired":
      return words.alreadyPaired(problem.server);
    case "in_use":
      return words.inUse(problem.pid === undefined ? "" : words.process(problem.pid));
    case "folder":
      return words.folder(problem.path, texts.said(problem.why));
    case "damaged":
      return words.damaged(problem.path, texts.said(problem.why));
    case "bad_url":
      return words.badUrl(visibleLine(problem.text));
    case "not_https":
      return words.notHttps(visibleLine(problem.url));
    case "bad_code":
      return words.badCode(visibleLine(problem.text));
    case "bad_authority":
      return words.badAuthority(problem.file, texts.said(problem.why));
    case "unreachable":
      return unreachable(problem.url, problem.error, texts);
    case "not_macjarvis":
      return words.notMacJarvis(problem.url, problem.status);
    case "code_unknown":
      return words.codeUnknown;
    case "code_used":
      return words.codeUsed;
    case "code_expired":
      return words.codeExpired;
    case "code_refused":
      return words.codeRefused;
    case "other_fingerprint":
      return words.otherFingerprint(problem.here, visibleLine(problem.there));
    case "too_many":
      return words.tooMany(problem.seconds === undefined ? words.someTime : words.seconds(problem.seconds));
    case "left_off":
      return problem.wasConfirmed ? words.leftOffConfirmed : words.leftOff;
    case "revoked":
      return words.revoked(problem.server);
    case "server":
      return words.server(problem.status, visibleLine(texts.said(problem.detail)) || words.noWords);
  }
}

function unreachable(url: string, error: Error, { connection, node: { problem } }: Texts): string {
  const why = reasonOf(error);
  const isFar = why === "noRoute" || why === "unknownName" || why === "timeout";
  const todo =
    why === "certificate" ? problem.checkCertificate : isFar ? problem.checkNetwork : problem.checkAddress;
  return problem.unreachable(url, connection.why[why], todo);
}
