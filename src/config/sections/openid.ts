import { z } from 'zod'
import { openidDoor } from '../../core/openid/door.ts'
import type { OpenidSettings } from '../../core/openid/settings.ts'
import { openidManifest, openidSettings } from '../../openid/manifest/manifest.ts'
import { applyDoorSettings, yesOrNo } from '../setting-types.ts'
import { clientSection } from './client.ts'

/** OpenID Connect in a realm, as an operator describes it. */
export const openidSection = openidSettings
  .extend({
    enabled: yesOrNo().optional().describe('Whether apps may come in by OpenID Connect (true)'),
    clients: z
      .array(clientSection(openidManifest), 'must be a list of clients')
      .optional()
      .describe('The apps that come in by it'),
  })
  .nullish()
  .describe('OpenID Connect, by which apps of any make may sign people in; on in development, else off')

type OpenidSection = z.output<typeof openidSection>

/** OpenID Connect as a realm has it; `undefined` where it is off. */
export function buildOpenid(section: OpenidSection, isDevelopment: boolean): OpenidSettings | undefined {
  const isWanted = section === undefined ? isDevelopment : section?.enabled !== false
  if (!isWanted) return undefined
  const { resources = [], registration = 'off', allowPrivateAddresses = isDevelopment } = section ?? {}
  return {
    door: applyDoorSettings(openidDoor, section ?? {}),
    registration,
    allowPrivateAddresses,
    resources: resources.map(
      ({ identifier, scopes = [], format = 'jwt', accessLifetime = 5 * 60, algorithm = 'ES256' }) => ({
        identifier,
        scopes,
        format,
        accessLifetimeSeconds: accessLifetime,
        algorithm,
      }),
    ),
  }
}
