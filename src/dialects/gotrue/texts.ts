import { readPhone } from '../../core/accounts/phones.ts'
import { refuseLink } from '../../core/accounts/verification.ts'
import type { Context } from '../../core/context.ts'
import type { SignedIn } from '../../core/sessions/open-session.ts'
import { confirmTextedChange } from '../../core/texted-phone-change/confirm.ts'
import { requestChangeTextAgain } from '../../core/texted-phone-change/request.ts'
import { requestSignInText, requestSignInTextAgain } from '../../core/texted-sign-in/request.ts'
import { signInByText } from '../../core/texted-sign-in/sign-in.ts'
import { invalid, Refused, type Row, refusals } from './errors.ts'

/** Whether people may sign in by phone here; else the door answers as the client's own server does with phones off. */
export function hasPhones({ door }: Pick<Context, 'door'>): boolean {
  return door.textedSignIn === true
}

/** Throws `Refused` with that row where there are no phones at this door. */
export function requirePhones(ctx: Pick<Context, 'door'>, row: Row = refusals.phoneMessage): void {
  if (!hasPhones(ctx)) throw new Refused(row)
}

/** A number in E.164: the wire knows numbers without the plus sign. Throws `Refused`. */
export function readNumber(typed: string): string {
  const text = typed.trim()
  const phone = readPhone(text.startsWith('+') ? text : `+${text}`)
  if (phone === undefined) throw invalid('Invalid phone number format (E.164 required)')
  return phone
}

interface SignInText {
  phone: string
  channel: string
  opensAccount: boolean
  profile: Record<string, unknown> | undefined
}

/** Has the code of a sign-in sent; the answer is the same for everybody. */
export async function sendSignInText(
  ctx: Context,
  { phone, channel, opensAccount, profile }: SignInText,
): Promise<{ message_id: string }> {
  requirePhones(ctx)
  if (channel !== 'sms') throw invalid(unknownChannel)
  const message_id = await requestSignInText(ctx, { phone: readNumber(phone), opensAccount, profile })
  return { message_id }
}

const unknownChannel =
  "Invalid channel, supported values are 'sms' or 'whatsapp'. 'whatsapp' is only supported if Twilio or Twilio Verify is used as the provider."

/** The messages that are sent again. */
const repeats = new Map<string, (ctx: Context, phone: string) => Promise<unknown>>([
  ['sms', requestSignInTextAgain],
  ['phone_change', requestChangeTextAgain],
])

/** Whether a type of the wire means a text message. */
export function isTextType(type: string): boolean {
  return repeats.has(type)
}

/** Has a code sent again; the answer is the same for everybody. */
export async function resendText(ctx: Context, type: string, phone: string): Promise<object> {
  requirePhones(ctx)
  await repeats.get(type)?.(ctx, readNumber(phone))
  return {}
}

/** What the codes of messages are for. */
const uses = new Map<string, (ctx: Context, typed: { phone: string; code: string }) => Promise<SignedIn>>([
  ['sms', signInByText],
  ['phone_change', confirmTextedChange],
])

/** Signs in by the code of a message. Throws `ticket_invalid` for every code that is not good. */
export async function useText(
  ctx: Context,
  { type, phone: typed, code }: { type: string; phone: string; code: string },
): Promise<SignedIn> {
  const phone = readNumber(typed)
  const use = uses.get(type)
  return use && hasPhones(ctx) ? use(ctx, { phone, code }) : refuseLink(ctx)
}
