import { execute, select } from './database.ts'
import { minbil, type Person } from './doors.ts'
import type { TestServer } from './harness.ts'

/** Reads and sets the password hashes that a server keeps, and signs in. */
export function passwordsAt(server: TestServer) {
  const url = () => server.env.DATABASE_URL ?? ''
  return {
    hashOf: async ({ email }: Person): Promise<string> => {
      const [row] = await select(url(), `select password_hash from accounts where email = '${email}'`)
      return String(row?.password_hash)
    },
    keep: ({ email }: Person, hash: string) =>
      execute(url(), `update accounts set password_hash = '${hash}' where email = '${email}'`),
    signIn: async (person: Person) => (await minbil.signIn(server, person)).status,
  }
}
