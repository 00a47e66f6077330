// `${NAME}` and `${NAME:-otherwise}` in what is said of an MCP server: variables of the environment, so that no secret stands in the file.
// Their values are given to the server and told to nobody.

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;
const UNREADABLE = /\$\{(?![A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?\})/;

export class References {
  readonly #variable: (name: string) => string | undefined;

  /** @param variable an empty value counts as not set */
  constructor(variable: (name: string) => string | undefined) {
    this.#variable = variable;
  }

  /** The text with its references replaced. @throws Error in words that name the variable, never a value */
  fill(text: string): string {
    if (UNREADABLE.test(text))
      throw new Error(
        "it has a ${ that names no variable: such references are a name in braces, or a name, :- and what else holds",
      );
    return text.replaceAll(REFERENCE, (_whole, name: string, otherwise?: string) => {
      const value = this.#variable(name) || undefined;
      if (value === undefined && otherwise === undefined)
        throw new Error(`the variable ${name} is not set where the server runs`);
      return value ?? otherwise ?? "";
    });
  }

  /** The same for all values of an object. */
  fillAll(texts: Record<string, string> = {}): Record<string, string> {
    return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, this.fill(text)]));
  }
}
