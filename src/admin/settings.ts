/** A setting that is in force, and where it comes from. */
export interface DescribedSetting {
  /** Such as `realms.main.brand.name`. */
  name: string
  description?: string
  /** As it was written, where somebody has; never that of a secret. */
  value?: string | number | boolean | string[]
  /** In words, where nobody has set it. */
  default?: string
  isSecret: boolean
  isSet: boolean
  /** Such as `manydoors.yaml:12` or `MANYDOORS_PUBLIC_URL`; nothing for what nobody has set. */
  source?: string
}
