import { describe } from 'node:test'
import { answersBrowsers } from './contract/cors.ts'
import { readsCredentials } from './contract/credentials.ts'
import type { DialectUnderTest } from './contract/dialect-under-test.ts'
import { readsEmails } from './contract/email-spellings.ts'
import { hidesAccounts } from './contract/enumeration.ts'
import { refusesHostileBodies } from './contract/hostile-bodies.ts'
import { bearsHostileText } from './contract/hostile-text.ts'
import { bearsRealClients } from './contract/lenient-requests.ts'
import { ends } from './contract/lifetimes.ts'
import { readsPasswords } from './contract/password-spellings.ts'
import { recovers } from './contract/recovery.ts'
import { rotates } from './contract/refresh.ts'
import { readsStrictly } from './contract/strict-reading.ts'
import { refusesFalseTokens } from './contract/tokens.ts'
import { noPostgres, type TestServer, useServer } from './harness.ts'
import { useTwoNodes } from './nodes.ts'

/** Declares, for every engine, the tests of what every dialect owes (contracts/README.md). */
export function contract(dialect: DialectUnderTest): void {
  // Most of the time goes into hashing passwords: the engines side by side use both cores.
  describe(`${dialect.name} keeps the contract`, { concurrency: true }, () => {
    for (const engine of ['sqlite', 'postgres'] as const) {
      // What no database sees is tried once.
      const themes = engine === 'sqlite' ? { ...groups, reading: [readsStrictly] } : groups
      const skip = engine === 'postgres' && noPostgres
      describe(`on ${engine}`, { concurrency: false, skip }, () =>
        keepsContract(dialect, () => useServer(engine), themes),
      )
    }
  })
}

/** The same for two servers with one PostgreSQL, of which each gets every other request. */
export function contractOnTwoNodes(dialect: DialectUnderTest): void {
  describe(`${dialect.name} keeps the contract on two nodes`, { concurrency: false }, () =>
    keepsContract(dialect, useTwoNodes),
  )
}

/** The same for two servers that reach their PostgreSQL by another address. */
export function contractThrough(dialect: DialectUnderTest, through: (databaseUrl: string) => string): void {
  keepsContract(dialect, () => useTwoNodes({ through }))
}

function keepsContract(dialect: DialectUnderTest, openServer: () => TestServer, chosen = groups): void {
  for (const [name, themes] of Object.entries(chosen)) {
    describe(name, () => {
      const server = openServer()
      for (const theme of themes) theme(dialect, server)
    })
  }
}

/** Each on a server of its own, or the mailbox grows too long to be read quickly. */
const groups = {
  accounts: [hidesAccounts, readsCredentials, readsEmails, readsPasswords, recovers],
  sessions: [rotates, refusesFalseTokens, ends],
  requests: [bearsRealClients, refusesHostileBodies, bearsHostileText, answersBrowsers],
}
