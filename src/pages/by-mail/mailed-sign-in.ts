import type { Context } from '../../core/context.ts'
import type { DoorPages } from '../../http/dialect.ts'
import type { SendPage } from '../render.ts'
import { formTargetOf } from '../sign-in/visit.ts'

/** The page that a mail leads to which signs in to an app, where nothing else stands between the link and the session. */
export function createMailedSignIn(sendPage: SendPage): DoorPages['sendMailedSignIn'] {
  return (request, reply, { does, action, fields, redirectUri, brand }) => {
    const formTarget = formTargetOf({ redirectUri, dialect: dialectOf(request) })
    const hidden = Object.entries(fields).map(([name, value]) => ({ name, value }))
    const isChange = does === 'change-address'
    const shown = { isChange, action, fields: hidden, brand: brand.name }
    // The link is what opens the page again, and it is a secret.
    return sendPage(request, reply, 200, 'mailed-sign-in', shown, { brand, formTarget, back: '' })
  }
}

function dialectOf({ ctx }: { ctx: Context }): string {
  return ctx.door.dialect
}
