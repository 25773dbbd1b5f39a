import type { App } from '../../../http/types.ts'
import { fillIn } from '../../../lib/fill-in.ts'
import { create } from '../../operations/accounts/create.ts'
import { accountStates, list } from '../../operations/accounts/list.ts'
import type { ConsoleParts } from '../console-parts.ts'
import { filtersOf, pagerFor, shownText } from '../lists.ts'
import { textsFor } from '../texts.ts'
import { canDo, performFor, sendConsole, timeFor } from '../visit.ts'

/** The accounts of a realm, searched as an operator types. */
export function accountListPage(scope: App, { sendPage }: ConsoleParts): void {
  scope.get('/admin/realms/:realm/accounts', async (request, reply) => {
    const page = await performFor(request, list)
    const texts = textsFor(request)
    const filters = filtersOf(request, ['q', 'state'])
    const data = {
      filters,
      states: accountStates.map((value) => ({
        value,
        text: texts[`accountState_${value}`],
        isChosen: filters.state === value,
      })),
      accounts: page.items.map((account) => ({
        ...account,
        name: account.email ?? account.username ?? account.phone ?? account.id,
        lastSignIn: timeFor(request, account.lastSignInAt),
        isUnverified: account.emailVerifiedAt === null && account.phoneVerifiedAt === null,
      })),
      shown: shownText(request, page.items.length),
      isFiltered: filters.q !== undefined || filters.state !== undefined,
      isFurther: page.next !== null,
      nothing:
        filters.q === undefined
          ? texts.accountsNoneInState
          : fillIn(texts.accountsNoneBegin, { q: filters.q }),
      pager: pagerFor(request, filters, page),
      canCreate: canDo(request, create),
    }
    return sendConsole(sendPage, { request, reply }, { template: 'accounts', current: 'accounts', data })
  })
}
