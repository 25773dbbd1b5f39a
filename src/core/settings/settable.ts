/** A setting that operators may change while servers run. */
export interface Settable {
  /** Such as `brand.accent` of a realm, or `retention.audit` of the whole server. */
  name: string
  /** What it is for, as the settings file describes it. */
  description: string
  /** In words: what holds where nobody sets it, if there is something. */
  default?: string
  /** What it may be, where that is one of a few words. */
  words?: string[]
  /** Where the configuration sets it, such as `manydoors.yaml:12`, and to what: then nobody sets it here. */
  setBy?: { source: string; value: string }
  /** Reads what it is to be, by the rules of the settings file. */
  read(value: unknown): SettingReading
}

/** What becomes of a value, or what is wrong with it. */
export type SettingReading = { value: unknown; problem?: undefined } | { problem: string }

/** The settable settings of a realm, or those of the whole server, and what they hold for. */
export interface SettingsHolder {
  /** The name of the realm; empty for the whole server. */
  realm: string
  settable(): readonly Settable[]
  /**
   * Has these hold from now on, by their names and as `read` has read them, and for every other one what the configuration
   * says. Whoever holds the realm sees it at once.
   */
  apply(values: ReadonlyMap<string, unknown>): void
}
