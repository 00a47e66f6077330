// What crosses the bus is JSON: a Date would arrive as text, bytes as an object, `undefined` as nothing.

/** `T` where all of it arrives as it was sent; `never` in the places where it would not. Optional fields may be left out. */
export type Jsonable<T> = unknown extends T
  ? // Arguments and results of tools: parsed JSON, of whatever shape.
    T
  : T extends string | number | boolean | null
    ? T
    : T extends undefined | bigint | symbol | Date | ArrayBufferView | ((...given: never[]) => unknown)
      ? never
      : { [Key in keyof T]: Jsonable<T[Key]> };
