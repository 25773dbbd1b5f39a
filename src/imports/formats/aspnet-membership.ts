import type { AccountRow, Outcome } from '../tables/table-format.ts'
import { membershipPassword } from './aspnet-password.ts'
import { usernameBeside } from './aspnet-username.ts'

/** What the Membership knows of an account: a row of `aspnet_Membership`, and one of `aspnet_Users`. */
export function membershipRecord({ columns, joined, drop }: AccountRow): Outcome {
  const [user] = joined('aspnet_Users', columns.text('UserId'))
  if (user?.flag('IsAnonymous')) return { skipped: 'anonymous' }
  const id = columns.text('UserId')
  const email = columns.text('Email')
  return {
    record: {
      sourceId: id,
      id,
      email,
      username: usernameBeside(email, user?.text('UserName')),
      ...membershipPassword(
        columns.text('Password'),
        columns.text('PasswordFormat'),
        columns.text('PasswordSalt'),
        drop,
      ),
      disabled: columns.flag('IsApproved') === false || undefined,
      createdAt: columns.time('CreateDate'),
      lastSignInAt: columns.time('LastLoginDate'),
    },
  }
}
