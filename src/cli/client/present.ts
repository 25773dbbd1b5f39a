import type { z } from 'zod'
import type { ClientView } from '../../admin/operations/clients/views.ts'
import type { KnownClient } from '../../core/clients/admin.ts'
import { authMethodOf, needsSecret, openidSettingsOf } from '../../core/openid/settings.ts'
import { openidManifest } from '../../openid/manifest/manifest.ts'
import { withoutNulls } from '../remote/by-operation.ts'
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

/** A client that a server tells of as those of a node are shown; of how it is presented it tells the name alone. */
export function presentClientView(view: z.output<typeof ClientView>): ShownClient {
  const { dialect, id, kind, name, origins, redirectUris, frontEndUrl, settings, origin, secretSetAt } = view
  return withoutNulls({
    dialect,
    id,
    kind,
    origins,
    redirectUris,
    frontEndUrl,
    brand: { name },
    settings,
    isDeclared: origin === 'declared',
    secretSetAt,
  })
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
