// One entry of the tables of `phrases.ts`.

/**
 * English with holes, and the same in Chinese. What stands in a hole `{name}` is looked up too, unless quotes say that it is
 * somebody's own word; `{NAME}` takes the name of a variable only, `{count}` and its like a number only. Chinese may leave out
 * or move holes; it names none that the English has not.
 */
export type Phrase = readonly [english: string, chinese: string];
