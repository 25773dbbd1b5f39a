import { z } from 'zod'
import { setLanguage } from '../core/self-service/set-language.ts'
import { keepLanguage, readLanguage } from '../http/origin.ts'
import { sessionCookie } from '../http/session-cookie.ts'
import type { App } from '../http/types.ts'
import { findPerson } from './account/person.ts'
import { textField } from './form-fields.ts'
import type { PageParts } from './page-parts.ts'
import { readBack } from './way-back.ts'

const LanguageForm = z.object({ form: textField, language: textField, back: textField })

/**
 * Has a browser be spoken to in another language, and leads it back to the page that it was on. An account that is signed
 * in keeps the language, where the form was made for it.
 */
export function languageSwitch(app: App, parts: PageParts): void {
  const home = parts.ctx.realm.accountPage ? '/ui/account' : '/ui/forgot-password'

  app.post('/ui/language', { schema: { body: LanguageForm } }, async (request, reply) => {
    const { form, back } = request.body
    const language = readLanguage(request.body.language)
    if (language) {
      keepLanguage(reply, language)
      // Most browsers have no session to look for.
      const person = form && sessionCookie.read(request) ? await findPerson(parts, request) : undefined
      if (person?.owns(form)) await setLanguage(person.ctx, person.caller, language)
    }
    return reply.redirect(readBack(back) ?? home, 303)
  })
}
