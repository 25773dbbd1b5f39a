export const differenceKinds = ['status', 'header', 'shape', 'value'] as const

/** In what two answers to one request are not alike. */
export type DifferenceKind = (typeof differenceKinds)[number]

/** One thing in which they are not; what each side has is shown without anything that is secret or somebody's. */
export interface Difference {
  kind: DifferenceKind
  /** `status`, `header NAME`, or a JSON pointer (RFC 6901) with `*` for places of lists. */
  pointer: string
  old: string
  new: string
}
