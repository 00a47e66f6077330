// A failure inside a tool, with a code the model can act on. The node turns it into `{ok: false, error: {code, message}}`:
// it never reaches a client as an error of the catalogue.

/** Thrown by a tool, a result for whoever called it; never retried by us. */
export class ToolFailure extends Error {
  readonly code: string;

  /** @param code lower case with underscores, e.g. `sandbox_unavailable`; @param message what to do, in words */
  constructor(code: string, message: string) {
    super(message);
    this.name = "ToolFailure";
    this.code = code;
  }
}
