import { z } from 'zod'
import { exportAccount, personalDataText } from '../../../core/accounts/export.ts'
import { defineOperation, reasonField } from '../operation.ts'
import { textFile } from '../text-file.ts'
import { accountAt, accountField } from './account-field.ts'

export const exportData = defineOperation({
  name: 'accounts.export',
  summary: 'Hand out all that is held of the owner of an account, as a file of JSON',
  capability: 'accounts.export',
  at: 'realm',
  method: 'POST',
  path: '/accounts/:account/export',
  isDangerous: true,
  input: z.object({ account: accountField, reason: reasonField }),
  output: textFile,
  run: async (desk, { account: id }) => {
    const account = await accountAt(desk, id)
    return {
      type: 'application/json; charset=utf-8',
      name: `account-${account.id.replaceAll(/[^\w-]/g, '')}.json`,
      parts: personalDataText(await exportAccount(desk.ctx, account)),
    }
  },
})
