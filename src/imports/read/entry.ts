/** What a reader finds in a file, in the file's order; what it cannot read is an entry of its own. */
export type ReadEntry<Value> = {
  /** From 1: the line on which it begins, or in a JSON array the number of the item. */
  line: number
} & (
  | { value: Value }
  /** Holds nothing of the file. */
  | { refused: string }
)

/** A JSON object that has no `__proto__` and is nested no deeper than 64. */
export type JsonObject = { [key: string]: unknown }

/** The fields of a row by the names of the columns; NULL in SQL is `null`. */
export type Row = { [column: string]: string | null }

/** What one line, row or item may have: a limit against files that are of another kind. */
export const maxEntryLength = 1024 * 1024
