import assert from 'node:assert/strict'
import { type Capability, capabilities } from '../../src/core/operators/capabilities.ts'
import { jsonOf } from '../harness/command.ts'
import type { Answer, TestServer } from '../harness/harness.ts'

/** A program of an operator, with a token. */
export interface TestProgram {
  id: string
  token: string
  /** Asks below the API. */
  ask(method: string, path: string, options?: ProgramOptions): Promise<Answer>
}

interface ProgramOptions {
  json?: unknown
  headers?: Record<string, string>
}

const base = '/admin/api/v1'

/** Has the command line make a token: with all scopes where none is named. */
export async function programOf(
  server: TestServer,
  scopes: Capability[] = capabilities,
  { realms = [] as string[] } = {},
): Promise<TestProgram> {
  const held = realms.length > 0 ? ['--realm', ...realms] : []
  const target = { env: server.env, now: server.clock.now }
  const [made] = await jsonOf(target, ['operator', 'token', 'make', 'test', ...held, '--scope', ...scopes])
  return programWith(server, made)
}

/** A program that has been given such a token. */
export function programWith(server: TestServer, { id, token }: { id: string; token: string }): TestProgram {
  return {
    id,
    token,
    ask: (method, path, options = {}) =>
      server.request(method, `${base}${path}`, { ...options, bearer: token }),
  }
}

/** That an answer is a refusal as RFC 9457 wants it, with that code. */
export function assertProblem(answer: Answer, status: number, code: string): void {
  assert.equal(answer.status, status, answer.text)
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
  const { body } = answer
  assert.equal(body.code, code)
  assert.equal(body.status, status)
  assert.ok(body.title.length > 0)
  assert.equal(body.requestId, answer.headers.get('x-request-id'))
  assert.ok(body.type.endsWith(`/admin/api#${code}`))
}
