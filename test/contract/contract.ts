import { describe } from 'node:test'
import { noPostgres, type ServerOptions, type TestServer, useServer } from '../harness/harness.ts'
import { useTwoNodes } from '../harness/nodes.ts'
import { corsTests } from './cors.ts'
import { credentialTests } from './credentials.ts'
import type { DialectUnderTest } from './dialect-under-test.ts'
import { emailSpellingTests } from './email-spellings.ts'
import { enumerationTests } from './enumeration.ts'
import { hostileBodyTests } from './hostile-bodies.ts'
import { hostileTextTests } from './hostile-text.ts'
import { lenientRequestTests } from './lenient-requests.ts'
import { managementTests } from './management.ts'
import { passwordSpellingTests } from './password-spellings.ts'
import { recoveryTests } from './recovery.ts'
import { refreshTests } from './refresh.ts'
import { sessionLifetimeTests } from './session-lifetimes.ts'
import { strictRequestTests } from './strict-requests.ts'
import { tokenTests } from './tokens.ts'
import { unknownPathTests } from './unknown-paths.ts'

type Theme = (dialect: DialectUnderTest, server: TestServer) => void

/** What a database has a part in: accounts, sessions, and the secrets that are mailed. */
const storedThemes: Theme[] = [
  enumerationTests,
  credentialTests,
  emailSpellingTests,
  passwordSpellingTests,
  recoveryTests,
  refreshTests,
  tokenTests,
  sessionLifetimeTests,
]

/** How requests are read and answered, whatever the database. */
const wireThemes: Theme[] = [
  lenientRequestTests,
  hostileBodyTests,
  unknownPathTests,
  corsTests,
  strictRequestTests,
  managementTests,
]

/**
 * Declares the tests of what every dialect owes (contracts/README.md): those that a database has a part in on each
 * engine, the others on SQLite alone.
 */
export function contract(dialect: DialectUnderTest, options: ServerOptions = {}): void {
  describe(`${dialect.name} keeps the contract`, { concurrency: true }, () => {
    describe('on sqlite', { concurrency: false }, () =>
      declare([...storedThemes, hostileTextTests, ...wireThemes], dialect, () =>
        useServer('sqlite', options),
      ),
    )
    describe('on postgres', { concurrency: false, skip: noPostgres }, () =>
      declare([...storedThemes, hostileTextTests], dialect, () => useServer('postgres', options)),
    )
  })
}

/** Declares those that a database has a part in for two servers with one PostgreSQL, which take turns with requests. */
export function contractOnTwoNodes(dialect: DialectUnderTest): void {
  describe(`${dialect.name} keeps the contract on two nodes`, { concurrency: false }, () =>
    declare(storedThemes, dialect, useTwoNodes),
  )
}

/** Declares those that a database has a part in for two servers that reach their PostgreSQL by another address. */
export function contractThrough(dialect: DialectUnderTest, through: (databaseUrl: string) => string): void {
  describe(`${dialect.name} keeps the contract`, { concurrency: false }, () =>
    declare(storedThemes, dialect, () => useTwoNodes({ through })),
  )
}

function declare(themes: Theme[], dialect: DialectUnderTest, openServer: () => TestServer): void {
  const server = openServer()
  for (const theme of themes) theme(dialect, server)
}
