import {
  disable,
  enable,
  endSessions,
  erase,
  removeAllPasskeys,
  removeAuthenticator,
  removeOneAuthenticator,
  sendResetLink,
  sendVerificationLink,
} from './actions.ts'
import { changeName, create } from './create.ts'
import { exportData } from './export.ts'
import { list } from './list.ts'
import { show } from './show.ts'
import { timeline } from './timeline.ts'

/** What can be seen of accounts and done to them. */
export const accountOperations = [
  list,
  show,
  timeline,
  create,
  changeName,
  sendResetLink,
  sendVerificationLink,
  endSessions,
  disable,
  enable,
  removeAuthenticator,
  removeOneAuthenticator,
  removeAllPasskeys,
  exportData,
  erase,
]
