import type { ImportedTotp } from '../../core/imports/neutral.ts'

/** The second factor with this secret in base32, as all authenticator apps have it when nothing else is said. */
export function totpOf(secret: string, settings: Partial<ImportedTotp> = {}): ImportedTotp[] {
  return [{ algorithm: 'SHA1', digits: 6, period: 30, ...settings, secret }]
}
