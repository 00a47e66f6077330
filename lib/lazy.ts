// Something that is made when it is first asked for, and only then.

export type Lazy<T> = {
  /** Makes it the first time; what that throws is thrown, and the next call tries again. */
  get(): T;
  /** What was made; undefined when nobody has asked yet. Makes nothing. */
  readonly made: T | undefined;
};

export function lazy<T extends object>(make: () => T): Lazy<T> {
  let made: T | undefined;
  return {
    get() {
      made ??= make();
      return made;
    },
    get made() {
      return made;
    },
  };
}
