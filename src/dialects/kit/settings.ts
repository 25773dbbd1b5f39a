/** What a door says of itself, and what operators may set of it. */

export { defineDoor, plainClient } from '../../config/dialect-manifest.ts'
export { redirectPattern } from '../../config/redirect-patterns.ts'
export { serviceKeySettings } from '../../config/service-key-settings.ts'
export {
  accessSettings,
  doorSettings,
  duration,
  oneOf,
  rotationSetting,
  secretSetting,
  text,
  wholeNumber,
  yesOrNo,
} from '../../config/setting-types.ts'
export type { DialectPolicy } from '../../core/dialect-policy.ts'
export { capitals, digits, lettersAndDigits } from '../../core/keys/random-text.ts'
export type { AccessTokenForm } from '../../core/sessions/access-token-form.ts'
export type { FieldClass, WireFields } from '../../http/wire-fields.ts'
