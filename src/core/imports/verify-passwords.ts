import type { RealmContext } from '../context.ts'

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
  _ctx: RealmContext,
  _rows: AsyncIterable<KnownPassword>,
): AsyncGenerator<{ line: number; finding: PasswordFinding }> {
  throw new Error('not built yet')
}
