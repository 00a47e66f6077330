// The policy as it is now: the file is looked at with each call and read again when it has changed.
import { LiveFile } from "./live-file.ts";
import { type PolicyState, readPolicy } from "./read-policy.ts";

export class LivePolicy extends LiveFile<PolicyState> {
  /** @param changed told when another policy was read than before */
  constructor(path: string, changed?: (state: PolicyState) => void) {
    super(path, readPolicy, changed);
  }
}
