import { isFromAnotherSite } from '../http/other-sites.ts'
import type { App } from '../http/types.ts'
import { sendFailure } from './failure.ts'
import { onceMore } from './next-step.ts'
import type { SendPage } from './render.ts'
import { textsFor } from './texts.ts'

/**
 * Refuses what a page of another site posts to these pages, as the browser says (Fetch Metadata): some forms rest on a
 * ticket alone, which the sender may know. Who sends no such header is no browser of today, and is let in.
 */
export function refuseOtherSites(app: App, sendPage: SendPage): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'POST' || !isFromAnotherSite(request)) return undefined
    const text = textsFor(request).failureOtherSite
    return sendFailure(sendPage, request, reply, { status: 403, text, next: onceMore(request) })
  })
}
