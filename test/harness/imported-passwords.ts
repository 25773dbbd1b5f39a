import { execute, select } from './database.ts'
import { minbil, type Person } from './doors.ts'
import type { TestServer } from './harness.ts'

/** A hash as an import leaves it. */
interface Kept {
  hash: string
  /** Its kind and cost; `null` for one of our own. */
  kind: string | null
}

/** Gives accounts of a server the hashes that an import would, reads what is kept, and signs in. */
export function importedPasswordsAt(server: TestServer) {
  const url = () => server.env.DATABASE_URL ?? ''
  return {
    bring: ({ email }: Pick<Person, 'email'>, { hash, kind }: Kept) =>
      execute(
        url(),
        `update accounts set password_hash = '${hash}', password_kind = '${kind}' where email = '${email}'`,
      ),
    kept: async ({ email }: Pick<Person, 'email'>): Promise<Kept> => {
      const columns = 'password_hash, password_kind'
      const [row] = await select(url(), `select ${columns} from accounts where email = '${email}'`)
      return { hash: String(row?.password_hash), kind: row?.password_kind as string | null }
    },
    signIn: async (person: Person) => (await minbil.signIn(server, person)).status,
  }
}
