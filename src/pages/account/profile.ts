import { z } from 'zod'
import {
  changeOwnProfile,
  type ProfileName,
  profileNames,
  timeZones,
} from '../../core/self-service/change-profile.ts'
import { lineField } from '../../http/fields.ts'
import { keepLanguage, languageOf, readLanguage } from '../../http/origin.ts'
import type { App } from '../../http/types.ts'
import { type FormView, problemOf } from '../problems.ts'
import { languageNames, type Texts } from '../texts.ts'
import { goOn, type SendAccount } from './send.ts'

const path = '/ui/account'
/** Each by its own name. */
const languages = Object.entries(languageNames).map(([code, name]) => ({ code, name }))
/** Entries of what apps keep that are shown. */
const maxKept = 100

const text = z.string().trim().catch('')
const ProfileForm = z.object({ name: text, firstName: text, lastName: text, language: text, timeZone: text })

type Typed = z.infer<typeof ProfileForm>
type Field = keyof Typed

const nameField = lineField({ min: 1, max: 100, message: '' })

/** Who the account says that its owner is. */
export function profileRoutes(scope: App, send: SendAccount): void {
  const show = (view: FormView, typed?: Typed, wrong?: Field) => {
    const { username, email, phone, profile, time_zone } = view.request.person.caller.account
    const kept: Record<string, unknown> = JSON.parse(profile)
    const shown = { ...namesIn(kept), language: languageOf(view.request), timeZone: time_zone ?? '' }
    return send(view, 'profile', 'account-profile', {
      ...(typed ?? shown),
      wrong,
      languages,
      timeZones,
      username,
      email,
      phone,
      kept: presentKept(kept),
    })
  }

  scope.get(path, (request, reply) => show({ request, reply }))

  scope.post(
    `${path}/profile`,
    { config: { page: path }, schema: { body: ProfileForm } },
    async (request, reply) => {
      const typed = request.body
      const refuse = (text: keyof Texts, wrong: Field) =>
        show({ request, reply, problem: { status: 400, text } }, typed, wrong)
      const wrong = profileNames.find(
        (name) => typed[name] !== '' && !nameField.safeParse(typed[name]).success,
      )
      if (wrong) return refuse('profileNameUnusable', wrong)
      if (typed.timeZone !== '' && !timeZones.includes(typed.timeZone))
        return refuse('profileTimeZoneUnknown', 'timeZone')
      const language = readLanguage(typed.language) ?? languageOf(request)
      const { name, firstName, lastName, timeZone } = typed
      const { ctx, caller } = request.person
      try {
        const names = { name, firstName, lastName }
        await changeOwnProfile(ctx, caller, { names, language, timeZone: timeZone || null })
      } catch (error) {
        return show({ request, reply, problem: problemOf({}, error, reply) }, typed)
      }
      keepLanguage(reply, language)
      return goOn(request, reply, path, { text: 'profileSaved' })
    },
  )
}

function namesIn(profile: Record<string, unknown>): Record<ProfileName, string> {
  const textOf = (name: ProfileName) => (typeof profile[name] === 'string' ? profile[name] : '')
  return { name: textOf('name'), firstName: textOf('firstName'), lastName: textOf('lastName') }
}

/** What apps keep besides, as texts. */
function presentKept(profile: Record<string, unknown>): { name: string; value: string }[] {
  return Object.entries(profile)
    .filter(([name, value]) => !profileNames.some((own) => own === name) && value !== null && value !== '')
    .slice(0, maxKept)
    .map(([name, value]) => ({ name, value: typeof value === 'string' ? value : JSON.stringify(value) }))
}
