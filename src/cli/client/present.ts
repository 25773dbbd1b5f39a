import type { KnownClient } from '../../core/clients/admin.ts'
import { authMethodOf, needsSecret, openidSettingsOf } from '../../core/openid/settings.ts'
import { openidManifest } from '../../openid/manifest/manifest.ts'
import { fieldText } from '../terminal/print.ts'

type ShownClient = Omit<KnownClient, 'secretSetAt'> & { secretSetAt?: string }

/** A client as operators see it; nothing of its secret is in it but since when it has one. */
export function presentClient(client: KnownClient): ShownClient {
  const { secretSetAt, ...rest } = client
  return {
    ...rest,
    ...(secretSetAt !== undefined && { secretSetAt: new Date(secretSetAt).toISOString() }),
  }
}

/** A client on one line. */
export function clientLine(client: ShownClient): string {
  const { dialect, id, kind, origins, isDeclared } = client
  const from = isDeclared ? 'declared' : 'added'
  return fieldText(
    dialect === openidManifest.door.dialect
      ? { dialect, id, from, ...openidFields(client) }
      : { dialect, id, kind, from, origins },
  )
}

function openidFields(client: ShownClient) {
  const { grants, firstParty } = openidSettingsOf(client)
  const authMethod = authMethodOf(client)
  const lacksSecret = needsSecret(client) && client.secretSetAt === undefined
  return {
    name: client.brand.name,
    authMethod: lacksSecret ? `${authMethod} (no secret yet)` : authMethod,
    grants: grants?.join(' '),
    party: firstParty === false ? 'third party' : undefined,
    redirectUris: client.redirectUris.join(' ') || undefined,
  }
}
