import { z } from 'zod'
import type { KnownClient } from '../../../core/clients/admin.ts'
import { openidDoor } from '../../../core/openid/door.ts'
import { needsSecret, openidSettingsOf } from '../../../core/openid/settings.ts'
import { isoTimeOrNull } from '../times.ts'

/** Counting of live sessions ends there. */
export const mostSessions = 1_000

export const ClientView = z.object({
  dialect: z.string(),
  id: z.string(),
  kind: z.enum(['default', 'registered']),
  name: z.string().describe('On pages and in mails'),
  origins: z.array(z.string()),
  redirectUris: z.array(z.string()),
  frontEndUrl: z.string().nullable(),
  settings: z.record(z.string(), z.unknown()).describe('As its dialect has them'),
  origin: z
    .enum(['declared', 'added', 'registered'])
    .describe('It is in the settings file, was added here, or has registered itself (RFC 7591)'),
  needsSecret: z.boolean(),
  secretSetAt: z.string().nullable(),
})

export const ShownClientView = ClientView.extend({
  issuer: z.string().nullable().describe('Of OpenID Connect'),
  liveSessions: z.int().describe(`${mostSessions} stands for as many or more`),
})

/** A client as operators see it; nothing of its secret but since when it has one. */
export function presentClient(client: KnownClient): z.input<typeof ClientView> {
  const { dialect, id, kind, brand, origins, redirectUris, frontEndUrl, settings, secretSetAt } = client
  return {
    dialect,
    id,
    kind,
    name: brand.name,
    origins,
    redirectUris,
    frontEndUrl: frontEndUrl ?? null,
    settings,
    origin: originOf(client),
    needsSecret: showsSecret(client),
    secretSetAt: isoTimeOrNull(secretSetAt),
  }
}

function originOf(client: KnownClient): z.input<typeof ClientView>['origin'] {
  if (client.isDeclared) return 'declared'
  return hasRegisteredItself(client) ? 'registered' : 'added'
}

/** Whether it has registered itself by OpenID Connect, and so is changed by itself alone. */
export function hasRegisteredItself(client: Pick<KnownClient, 'dialect' | 'settings'>): boolean {
  return client.dialect === openidDoor.dialect && openidSettingsOf(client).registered !== undefined
}

/** Whether it shows a secret to be who it is. */
export function showsSecret(client: Pick<KnownClient, 'dialect' | 'settings'>): boolean {
  return client.dialect === openidDoor.dialect && needsSecret(client)
}
