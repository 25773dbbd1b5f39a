import type { App } from '../../../http/types.ts'
import type { ConsoleParts } from '../console.ts'
import { accountConfirmations } from './confirmations.ts'
import { accountListPage } from './list.ts'
import { newAccountPage } from './new.ts'
import { accountPage } from './show.ts'

/** The pages about the accounts of a realm. */
export function accountPages(scope: App, parts: ConsoleParts): void {
  accountListPage(scope, parts)
  newAccountPage(scope, parts)
  accountPage(scope, parts)
  accountConfirmations(scope, parts)
}
