import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jsonOf } from '../../harness/command.ts'
import { freshEmail, type TestServer } from '../../harness/harness.ts'

/** bcrypt of `ada-likes-42-trains`. */
export const bcryptHash = '$2b$10$MPZGTTn1NRxADQ/4JnC3zOG3jqjNrDIbQDBUuc44.5FfuR.i16GwO'
export const bcryptPassword = 'ada-likes-42-trains'

let made = 0

export interface OldAccount {
  source: string
  sourceId: string
  email: string
}

/** Imports accounts of another system; each has an address of its own where none is given. */
export async function importPeople(
  server: TestServer,
  people: object[],
  options: string[] = [],
): Promise<OldAccount[]> {
  const folder = await mkdtemp(join(tmpdir(), 'manydoors-people-'))
  try {
    const file = join(folder, 'people.ndjson')
    const accounts = people.map((person) => ({
      source: 'acme',
      sourceId: `p${++made}`,
      email: freshEmail(),
      emailVerified: true,
      ...person,
    }))
    await writeFile(file, accounts.map((account) => `${JSON.stringify(account)}\n`).join(''))
    await jsonOf(server, ['import', 'manydoors', file, '--commit', ...options])
    return accounts
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
