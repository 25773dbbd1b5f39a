import { isOwnSecret } from '../lib/own-secret.ts'
import type { Config } from './config.ts'
import { isPublishedPair } from './published-keys.ts'
import type { CheckingKey, ServiceKey } from './service-key-settings.ts'

/** The settings by which those may manage accounts who have read a document, by their places. */
export function findPublishedSecrets({ realms }: Pick<Config, 'realms'>): string[] {
  return realms.flatMap(({ name, dialects }) =>
    Object.entries(dialects).flatMap(([dialect, { settings }]) =>
      judged.flatMap(([setting, isPublished]) =>
        isPublished(settings[setting]) ? [`realms.${name}.dialects.${dialect}.${setting}`] : [],
      ),
    ),
  )
}

/** What is set of service keys (`serviceKeySettings`). A door from outside may mean something else by such a name. */
const judged: [setting: string, isPublished: (value: unknown) => boolean][] = [
  ['serviceKeys', (keys) => isListWith(keys, ({ isPublished }: Partial<ServiceKey>) => isPublished === true)],
  ['legacyJwtSecret', (secret) => typeof secret === 'string' && !isOwnSecret(secret)],
  ['serviceJwks', (keys) => isListWith(keys, ({ key }: Partial<CheckingKey>) => isPublishedPair({ ...key }))],
]

function isListWith<Each extends object>(value: unknown, isMeant: (each: Each) => boolean): boolean {
  return Array.isArray(value) && value.some(isMeant)
}

/** What production does not start with. */
export function findSecretProblems(config: Pick<Config, 'realms' | 'mode'>): string[] {
  if (config.mode !== 'production') return []
  return findPublishedSecrets(config).map(
    (place) => `${place} must be in no document: with one that is, anybody has a service key`,
  )
}
