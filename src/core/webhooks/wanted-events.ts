/** What the endpoints of a realm want to be told of, as this process knows it: as of a few seconds ago. */
export interface WantedEvents {
  /** Types, and beginnings of them. */
  patterns: ReadonlySet<string>
}
