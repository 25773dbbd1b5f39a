import type { ImportedTotp } from '../../core/imports/neutral.ts'

/** The authenticator with a base32 secret, by default as all authenticator apps have it; `undefined` when it is none. */
export function totpIn(secret: string, settings: Partial<ImportedTotp> = {}): ImportedTotp[] | undefined {
  const letters = secret.replaceAll(/[\s-]/g, '').replace(/=+$/, '').toUpperCase()
  if (!/^[A-Z2-7]{8,}$/.test(letters)) return undefined
  return [{ algorithm: 'SHA1', digits: 6, period: 30, ...settings, secret: letters }]
}
