import type { AccountRow } from '../../store/schema.ts'
import { foldEmail, readEmail } from '../accounts/emails.ts'
import { readPhone } from '../accounts/phones.ts'
import type { RealmContext } from '../context.ts'
import { isRightPassword, isTypable } from '../passwords/forms.ts'

/** A password that somebody knows, from a file. */
export interface KnownPassword {
  /** An e-mail address, user name or phone number. */
  identifier: string
  password: string
  line: number
}

/** `disabled` also says that the password is right. */
export type PasswordFinding = 'right' | 'wrong' | 'no_password' | 'disabled' | 'unknown'

/** Says of each row whether the account has that password, counting nothing and changing nothing. Throws `overloaded`. */
export async function* verifyPasswords(
  ctx: RealmContext,
  rows: AsyncIterable<KnownPassword>,
): AsyncGenerator<{ line: number; finding: PasswordFinding }> {
  for await (const { identifier, password, line } of rows)
    yield { line, finding: await verifyPassword(ctx, identifier, password) }
}

async function verifyPassword(
  ctx: RealmContext,
  identifier: string,
  password: string,
): Promise<PasswordFinding> {
  const account = await accountOf(ctx, identifier)
  if (!account) return 'unknown'
  if (account.password_hash === null) return 'no_password'
  const checked = { hash: account.password_hash, name: identifier, isJudged: isTypable(password) }
  const isRight = await isRightPassword(ctx, password, checked)
  if (!isRight) return 'wrong'
  return account.disabled_at === null ? 'right' : 'disabled'
}

/** As a person signs in: a user name comes before a number that reads like it. */
async function accountOf({ store }: RealmContext, identifier: string): Promise<AccountRow | undefined> {
  const text = identifier.trim()
  // Nobody has this, and a database may refuse to look for it.
  if (text.includes('\0')) return undefined
  if (readEmail(text) !== undefined) return store.accounts.byEmail(foldEmail(text))
  const phone = readPhone(text)
  const named = await store.accounts.byUsername(text)
  return named ?? (phone === undefined ? undefined : store.accounts.byPhone(phone))
}
