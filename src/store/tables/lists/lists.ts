import type { AuditRow, JobRow } from '../../schema.ts'
import type { Database } from '../../types.ts'
import { accountsNamed, factorsAmong, newestAccounts } from './accounts.ts'
import { accountsByAge } from './accounts-by-age.ts'
import { auditOfPerson, freshAudit, newestAudit } from './audit.ts'
import {
  dropMessage,
  listMessages,
  messageById,
  messagesFor,
  reviveMessages,
  timeInList,
} from './messages.ts'
import { countLiveSessions, liveSessions } from './sessions.ts'

type Query<Read extends (db: Database, query: never) => unknown> = Omit<Parameters<Read>[1], 'realm'>

/** What operators and services list of one realm. Each is read in the order of an index, however much there is. */
export function lists(db: Database, realm: string) {
  return {
    accounts: (query: Query<typeof newestAccounts>) => newestAccounts(db, { ...query, realm }),
    accountsNamed: (query: Query<typeof accountsNamed>) => accountsNamed(db, { ...query, realm }),
    accountsByAge: (query: Query<typeof accountsByAge>) => accountsByAge(db, { ...query, realm }),
    factorsAmong: (ids: string[]) => factorsAmong(db, realm, ids),
    sessions: (query: Query<typeof liveSessions>) => liveSessions(db, { ...query, realm }),
    countSessions: (query: Query<typeof countLiveSessions>) => countLiveSessions(db, { ...query, realm }),
    audit: (query: Query<typeof newestAudit>) => newestAudit(db, { ...query, realm }),
    freshAudit: (query: Query<typeof freshAudit>) => freshAudit(db, { ...query, realm }),
    auditOfPerson: (query: Query<typeof auditOfPerson>): Promise<AuditRow[]> =>
      auditOfPerson(db, { ...query, realm }),
    messages: (query: Query<typeof listMessages>) => listMessages(db, { ...query, realm }),
    messagesFor: (query: Query<typeof messagesFor>): Promise<JobRow[]> =>
      messagesFor(db, { ...query, realm }),
    reviveMessages: (ids: string[], now: number): Promise<JobRow[]> => reviveMessages(db, realm, ids, now),
    dropMessage: (id: string, now: number) => dropMessage(db, realm, id, now),
    message: (id: string) => messageById(db, realm, id),
    messageTime: timeInList,
  }
}
