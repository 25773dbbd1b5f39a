import { isOwnSecret } from '../lib/own-secret.ts'
import type { Config } from './config.ts'

/** The settings of secrets that sign service keys and that others may know, by their places. */
export function findPublishedSecrets({ realms }: Pick<Config, 'realms'>): string[] {
  return realms.flatMap(({ name, dialects }) =>
    Object.entries(dialects).flatMap(([dialect, { settings }]) => {
      const { legacyJwtSecret: secret } = settings
      const isKnown = typeof secret === 'string' && !isOwnSecret(secret)
      return isKnown ? [`realms.${name}.dialects.${dialect}.legacyJwtSecret`] : []
    }),
  )
}

/** What production does not start with. */
export function findSecretProblems(config: Pick<Config, 'realms' | 'mode'>): string[] {
  if (config.mode !== 'production') return []
  return findPublishedSecrets(config).map(
    (place) => `${place} must be in no document: with one that is, anybody can make a service key`,
  )
}
