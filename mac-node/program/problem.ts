// What can go wrong in the program of a Mac, by kind: whoever shows it has the words for it (bin/terminal/texts/node.ts).

export type Problem =
  | { kind: "not_paired" }
  | { kind: "already_paired"; server: string }
  | { kind: "in_use"; pid: number | undefined }
  /** `why` in words of the system (lib/unusable.ts). */
  | { kind: "folder"; path: string; why: string }
  | { kind: "damaged"; path: string; why: string }
  | { kind: "bad_url"; text: string }
  | { kind: "not_https"; url: string }
  | { kind: "bad_code"; text: string }
  | { kind: "bad_authority"; file: string; why: string }
  /** `error`: what the network or TLS said. */
  | { kind: "unreachable"; url: string; error: Error }
  | { kind: "not_macjarvis"; url: string; status: number }
  | { kind: "code_unknown" | "code_used" | "code_expired" | "code_refused" }
  | { kind: "other_fingerprint"; here: string; there: string }
  | { kind: "too_many"; seconds: number | undefined }
  | { kind: "left_off"; wasConfirmed: boolean }
  | { kind: "revoked"; server: string }
  | { kind: "server"; status: number; detail: string };

export class NodeProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.kind, options);
    this.name = "NodeProblem";
    this.problem = problem;
  }
}
