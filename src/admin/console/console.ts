import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Pages } from '../../http/dialect.ts'
import { keepLanguage, readLanguage } from '../../http/origin.ts'
import type { App } from '../../http/types.ts'
import { packedRoutes } from '../../pages/assets.ts'
import { textField } from '../../pages/form-fields.ts'
import { accessPages } from './access.ts'
import { accountPages } from './accounts/accounts.ts'
import { apiPages } from './api-page.ts'
import { auditPages } from './audit/audit.ts'
import { clientPages } from './clients/clients.ts'
import type { ConsoleParts } from './console-parts.ts'
import { healthPages } from './health.ts'
import { invitationPages } from './invitation.ts'
import { keyPages } from './keys.ts'
import { messagePages } from './messages.ts'
import { doorPages } from './operations/doors.ts'
import { limitPages } from './operations/limits.ts'
import { overviewPages } from './operations/overview.ts'
import { operatorPages } from './operators.ts'
import { provePages } from './prove.ts'
import { realmPages } from './realms.ts'
import { recoverPages } from './recover.ts'
import { assetsPath } from './render.ts'
import { forOperators, guardConsole, readNext, refuseElsewhere } from './session.ts'
import { sessionPages } from './sessions.ts'
import { settingsPages } from './settings/settings.ts'
import { signInPages, signOutRoute } from './sign-in.ts'
import { switchingPages } from './switching.ts'
import { tokenPages } from './tokens.ts'
import { webhookPages } from './webhooks/webhooks.ts'

interface ConsoleOptions extends ConsoleParts, Pages {
  /** Whether whoever sends a request may reach the console at all. */
  isAllowed(request: FastifyRequest): boolean
}

const LanguageForm = z.object({ language: textField, back: textField })

/** Serves everything that operators see in a browser. */
export async function consolePages(
  app: App,
  { isAllowed, sendFailure, ...parts }: ConsoleOptions,
): Promise<void> {
  await app.register(async (scope: App) => {
    scope.setErrorHandler(sendFailure)
    refuseElsewhere(isAllowed, scope)
    packedRoutes(scope, parts.assets, assetsPath)
  })
  await app.register(async (scope: App) => {
    scope.setErrorHandler(sendFailure)
    refuseElsewhere(isAllowed, scope)
    guardConsole(scope, parts)
    signInPages(scope, parts)
    recoverPages(scope, parts)
    invitationPages(scope, parts)
    scope.post('/admin/language', { schema: { body: LanguageForm } }, async (request, reply) => {
      const language = readLanguage(request.body.language)
      if (language) keepLanguage(reply, language)
      return reply.redirect(readNext(request.body.back), 303)
    })
    await scope.register(async (scope: App) => {
      forOperators(scope, parts)
      signOutRoute(scope)
      provePages(scope, parts)
      accessPages(scope, parts)
      overviewPages(scope, parts)
      doorPages(scope, parts)
      limitPages(scope, parts)
      accountPages(scope, parts)
      sessionPages(scope, parts)
      messagePages(scope, parts)
      webhookPages(scope, parts)
      auditPages(scope, parts)
      settingsPages(scope, parts)
      healthPages(scope, parts)
      switchingPages(scope, parts)
      clientPages(scope, parts)
      realmPages(scope, parts)
      keyPages(scope, parts)
      operatorPages(scope, parts)
      tokenPages(scope, parts)
      apiPages(scope, parts)
    })
  })
}
