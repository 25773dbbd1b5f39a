import type { FastifyReply, FastifyRequest } from 'fastify'
import { openidDoor } from '../../core/openid/door.ts'
import type { Interaction } from '../../core/openid/interactions.ts'
import { nameOf, type Person } from '../account/person.ts'
import type { PageParts } from '../page-parts.ts'
import { type FormView, sendForm } from '../problems.ts'
import { formTargetOf } from '../sign-in/visit.ts'
import { textsFor } from '../texts.ts'
import { allowedText } from './scope-texts.ts'

/** Asks somebody who is signed in whether an app may do what it wants. */
export function showConsent(
  { sendPage }: Pick<PageParts, 'sendPage'>,
  view: FormView,
  interaction: Interaction,
  { caller, formKey }: Person,
): Promise<FastifyReply> {
  const { uid, client, redirectUri } = interaction
  const { brand } = client
  const fields = {
    form: formKey(),
    path: `/ui/authorize/${uid}`,
    brand: brand.name,
    who: nameOf(caller.account),
    wanted: wantedTexts(interaction, view.request),
    goesTo: redirectUri === undefined ? undefined : placeOf(redirectUri),
  }
  return sendForm(sendPage, view, 'consent', fields, {
    brand,
    formTarget:
      redirectUri === undefined ? undefined : formTargetOf({ redirectUri, dialect: openidDoor.dialect }),
  })
}

function wantedTexts(
  { missingScopes, missingClaims, missingResourceScopes }: Interaction,
  request: FastifyRequest,
): string[] {
  const texts = textsFor(request)
  const ofResources = Object.entries(missingResourceScopes).flatMap(([resource, scopes]) =>
    scopes.map((scope) => ({ resource, scope })),
  )
  const wanted = [
    ...missingScopes.map((scope) => ({ scope })),
    ...missingClaims.map((claim) => ({ claim })),
    ...ofResources,
  ]
  return wanted.map((item) => allowedText(item, texts))
}

/** The host that a person is led to; of an app on their own machine the scheme that it has there. */
function placeOf(redirectUri: string): string {
  const { host, protocol } = new URL(redirectUri)
  return host || protocol.slice(0, -1)
}
