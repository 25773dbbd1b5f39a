import type { TestServer } from '../harness/harness.ts'
import type { Program } from '../harness/program.ts'

/** The program as a server, as far as the doors of the tests need one. */
export function asServer(program: Program): TestServer {
  return program as Partial<TestServer> as TestServer
}
