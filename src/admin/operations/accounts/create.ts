import { z } from 'zod'
import { createAccountWithoutPassword } from '../../../core/accounts/admin.ts'
import { readEmail } from '../../../core/accounts/emails.ts'
import { changeNameByHand, type NameChange } from '../../../core/accounts/names-by-hand.ts'
import { readPhone } from '../../../core/accounts/phones.ts'
import { usernameProblem } from '../../../core/accounts/usernames.ts'
import { AuthError } from '../../../core/errors.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import { booleanField, lineField, optional } from '../../../http/fields.ts'
import { fieldRules } from '../field-rules.ts'
import { optionalText } from '../list-fields.ts'
import { defineOperation, nothing, reasonField } from '../operation.ts'
import { accountAt, accountField } from './account-field.ts'
import { AccountView, presentAccountView } from './views.ts'

/** A box that is ticked or not, as a form sends it. */
const box = z.preprocess(
  (given) => (given === 'on' ? true : given === '' ? undefined : given),
  booleanField(fieldRules.flag).optional(),
)

const usernameLine = lineField({ min: 2, max: 50, message: '' })

export const create = defineOperation({
  name: 'accounts.create',
  summary: 'Open an account without a password: its owner chooses one by a link or a code',
  capability: 'accounts.create',
  at: 'realm',
  method: 'POST',
  path: '/accounts',
  isDangerous: true,
  input: z.object({
    email: optionalText(),
    username: optionalText(),
    phone: optionalText(),
    isProven: box.describe('The e-mail address and the phone number count as confirmed'),
    reason: reasonField,
  }),
  output: AccountView,
  run: async ({ ctx }, { email, username, phone, isProven }) => {
    if (email === undefined && phone === undefined) throw wrong('email', fieldRules.firstName)
    const account = await createAccountWithoutPassword(ctx, {
      email: email && mustBe('email', email),
      phone: phone && mustBe('phone', phone),
      username: username && mustBe('username', username),
      provenAt: isProven ? ctx.now() : undefined,
    })
    return presentAccountView(account)
  },
})

const names = ['email', 'phone', 'username'] as const

export const changeName = defineOperation({
  name: 'accounts.change_name',
  summary: 'Give an account another e-mail address, phone number or user name, or take it off',
  capability: 'accounts.change',
  at: 'realm',
  method: 'POST',
  path: '/accounts/:account/name',
  isDangerous: true,
  input: z.object({
    account: accountField,
    name: z.enum(names).describe('Which of them'),
    value: optional(z.string().max(320)).describe('The new one; none takes it off'),
    isProven: box.describe('An address or number counts as confirmed'),
    isOldLost: box.describe(
      'Whoever reads the old e-mail address is not told: it is not the owner’s any more',
    ),
    reason: reasonField,
  }),
  output: nothing,
  run: async (desk, { account: id, name, value, isProven = false, isOldLost }) => {
    const { id: accountId } = await accountAt(desk, id)
    const wanted = value === undefined ? null : mustBe(name, value, 'value')
    if (!(await changeNameByHand(desk.ctx, accountId, changeOf(name, wanted, { isProven, isOldLost }))))
      throw new OperatorError('not_found')
    return {}
  },
})

function changeOf(
  name: (typeof names)[number],
  value: string | null,
  { isProven, isOldLost }: { isProven: boolean; isOldLost: boolean | undefined },
): NameChange {
  if (name === 'username') return { name, value }
  return value === null ? { name, value, isOldLost } : { name, value, isProven, isOldLost }
}

/** The name as it is kept. Throws `validation_failed` for what is none. */
function mustBe(name: (typeof names)[number], typed: string, field: string = name): string {
  if (name === 'username') return usernameOf(typed, field)
  const value = name === 'email' ? readEmail(typed) : readPhone(typed)
  if (value !== undefined) return value
  throw wrong(field, name === 'email' ? fieldRules.email : fieldRules.phone)
}

function usernameOf(typed: string, field: string): string {
  const line = usernameLine.safeParse(typed)
  if (line.success && !line.data.includes('@') && !usernameProblem(line.data)) return line.data
  throw wrong(field, fieldRules.username)
}

function wrong(field: string, message: string): AuthError {
  return new AuthError('validation_failed', { issues: [{ field, message }] })
}
