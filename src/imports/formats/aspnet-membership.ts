import { usernameBeside } from './aspnet-username.ts'
import { membershipPassword } from './aspnet-password.ts'
import type { TableRow } from './tables.ts'

/** What the Membership knows of an account: a row of `aspnet_Membership`, and one of `aspnet_Users`. */
export async function membershipRecord({ columns, joined, drop }: TableRow) {
  const [user] = await joined('aspnet_users')
  if (user?.flag('IsAnonymous')) return { skipped: 'anonymous' }
  const id = columns.text('UserId')
  const email = columns.text('Email')
  return {
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
  }
}
