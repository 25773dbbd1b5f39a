import type { TestServer } from '../harness.ts'
import type { Program } from '../program.ts'

/** The program as a server, as far as the doors of the tests need one. */
export function asServer(program: Program): TestServer {
  const mailbox = async () => (await program.request('GET', '/dev/mailbox.json')).body
  return { ...program, mailbox } as Partial<TestServer> as TestServer
}
