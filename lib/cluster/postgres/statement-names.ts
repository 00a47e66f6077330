// The names under which connections keep statements parsed and planned. Once one of them is of a table that has been changed since,
// all are named anew on every connection of the pool: each would be refused there once. What had the old names goes with its connection.

export class StatementNames {
  #generation = 0;

  get generation(): number {
    return this.#generation;
  }

  of(name: string): string {
    return `${name}.${this.#generation}`;
  }

  /** @param generation of what was refused; others may have been refused with it */
  renew(generation: number): void {
    if (generation === this.#generation) this.#generation += 1;
  }
}
