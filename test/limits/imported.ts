import assert from 'node:assert/strict'
import bcrypt from 'bcrypt'
import { importAccounts } from '../../src/core/imports/import-accounts.ts'
import type { ImportRecord } from '../../src/core/imports/neutral.ts'
import { entriesOf, freshId, optionsOf, recordOf } from '../core/imports/importing.ts'
import type { Person } from '../harness/doors.ts'
import { freshEmail, type TestServer } from '../harness/harness.ts'
import { withRealm } from '../harness/realm.ts'

const cost = 4

/** A person whose account comes from another system, with the hash that it had there. */
export async function bringPerson(server: TestServer, record: Partial<ImportRecord> = {}): Promise<Person> {
  const person = { email: freshEmail(), password: 'StrongPass123!' }
  const passwordHash = await bcrypt.hash(person.password, cost)
  await bring(server, { email: person.email, emailVerified: true, passwordHash, ...record })
  return person
}

/** The address of an account whose password an old server knows, and which has that id there. */
export async function bringPending(
  server: TestServer,
  { email = freshEmail(), id }: { email?: string; id?: string } = {},
): Promise<string> {
  await bring(server, { email, emailVerified: true, passwordPending: 'minbil' }, id)
  return email
}

async function bring(server: TestServer, record: Partial<ImportRecord>, id = freshId()): Promise<void> {
  const report = await withRealm(server, (ctx) =>
    importAccounts(ctx, entriesOf([recordOf(id, { id, ...record })]), optionsOf()),
  )
  assert.deepEqual([report.created, report.dropped], [1, []])
}
