import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { type Asker, askerOf, askerOfToken, type Desk } from '../../src/admin/desk.ts'
import { operations } from '../../src/admin/operations/all.ts'
import { type Operation, perform } from '../../src/admin/operations/operation.ts'
import { allows, type Capability, capabilities, roles } from '../../src/core/operators/capabilities.ts'
import { OperatorError } from '../../src/core/operators/operator-error.ts'
import type { Operator } from '../../src/core/operators/operators.ts'
import type { AdminToken } from '../../src/core/operators/tokens.ts'
import { allRows, type Row, select } from '../harness/database.ts'
import { type Answer, useServer } from '../harness/harness.ts'
import { assertProblem, programOf, programWith, type TestProgram } from './programs.ts'
import { auditedReads, samples, showsOnce, unauditedChanges } from './samples.ts'
import type { World } from './world.ts'

it('every operation has a sample, and every sample an operation', () => {
  const names = operations.map(({ name }) => name)
  assert.deepEqual(Object.keys(samples).sort(), names.sort())
})

describe('at a desk', () => {
  for (const operation of operations) {
    const { name, capability, isDangerous } = operation
    const refused = async (asker: Asker, code: OperatorError['code']) => {
      const never: Operation = { ...operation, run: () => assert.fail('it was done') }
      // Nothing but the name of its realm is asked for before anything is done.
      const desk = { asker, ctx: { realm: { name: 'main' } } } as unknown as Desk
      await assert.rejects(
        async () => perform(never, desk, {}),
        (error) => error instanceof OperatorError && error.code === code,
      )
    }

    it(`${name} is refused to roles and tokens without ${capability}, and outside of their realms`, async () => {
      for (const role of roles) {
        if (!allows(role, capability)) await refused(operatorAs({ role }), 'not_allowed')
        await refused(operatorAs({ role, realms: ['another'] }), 'not_allowed')
      }
      const others = capabilities.filter((scope) => scope !== capability)
      await refused(tokenAs({ scopes: others }), 'not_allowed')
      await refused(tokenAs({ scopes: capabilities, realms: ['another'] }), 'not_allowed')
    })

    if (isDangerous)
      it(`${name} is refused to an operator who has not shown just now who they are, and asks why`, async () => {
        await refused({ ...operatorAs({ role: 'owner' }), isProven: false }, 'proof_needed')
        const withoutReason = operation.input.safeParse({})
        assert.ok(withoutReason.error?.issues.some(({ path }) => path[0] === 'reason'))
      })
  }
})

describe('for a program', () => {
  const server = useServer('sqlite')
  let world: World
  before(async () => {
    world = { server, program: await programOf(server) }
    // Makes the keys of RS256, which else a job makes at some time, amid what is to change nothing.
    assert.equal((await server.request('GET', '/.well-known/openid-configuration')).status, 200)
  })

  const database = () => server.env.DATABASE_URL ?? ''
  const trail = () => select(database(), 'select * from audit order by id')
  const made = new Map<string, TestProgram>()
  const programWithScopes = async (scopes: Capability[]) => {
    const key = scopes.join()
    const known = made.get(key)
    if (known) return known
    const json = { name: 'of the matrix', scopes, reason: 'To see what it may not' }
    const { body } = await world.program.ask('POST', '/tokens', { json })
    const program = programWith(server, { id: body.row.id, token: body.token })
    made.set(key, program)
    return program
  }

  for (const operation of operations) {
    const { name, capability } = operation
    it(`${name} is done for the scope ${capability} alone, and is in the audit trail`, async () => {
      const without = await programWithScopes(capabilities.filter((scope) => scope !== capability))
      const within = await programWithScopes([capability])
      const fields = (await samples[name]?.(world)) ?? assert.fail('it has no sample')

      const before = await digestOf(database())
      assertProblem(await ask(without, operation, fields), 403, 'not_allowed')
      assert.deepEqual(await digestOf(database()), before, 'a refusal has changed something')

      const trailBefore = (await trail()).length
      const answer = await ask(within, operation, fields)
      assert.equal(answer.status, 200, answer.text)
      if (/json/.test(answer.headers.get('content-type') ?? '')) operation.output.parse(answer.body)
      assertInTrail(operation, (await trail()).slice(trailBefore), { actor: `token:${within.id}`, fields })
      if (!showsOnce.includes(name)) assert.doesNotMatch(answer.text, secrets)
    })
  }
})

/** Tokens, hashes of passwords, links with something secret in them. */
const secrets = /mda_[\w-]{43}|\$argon2|[?&]token=|\/invitation\//

function operatorAs(given: Partial<Operator>): Asker {
  return askerOf({ id: 'x', name: 'x', realms: undefined, ...given } as Operator, true)
}

function tokenAs(given: Partial<AdminToken>): Asker {
  return askerOfToken({ id: 'x', name: 'x', realms: undefined, ...given } as AdminToken)
}

/** Asks for an operation with its fields where they belong. */
function ask(
  program: TestProgram,
  { method, path, at }: Operation,
  fields: Record<string, unknown>,
): Promise<Answer> {
  const others = new Map(Object.entries(fields))
  const place = `${at === 'realm' ? '/realms/main' : ''}${path}`.replaceAll(/:(\w+)/g, (_, name) => {
    const value = String(others.get(name))
    others.delete(name)
    return encodeURIComponent(value)
  })
  if (method !== 'GET' && method !== 'DELETE')
    return program.ask(method, place, { json: Object.fromEntries(others) })
  const query = new URLSearchParams(
    [...others].map(([name, value]): [string, string] => [name, String(value)]),
  )
  return program.ask(method, `${place}?${query}`)
}

/** That a change is told of once, by whom and why; and nothing of what was only looked at. */
function assertInTrail(
  { name, method }: Operation,
  rows: Row[],
  { actor, fields }: { actor: string; fields: Record<string, unknown> },
): void {
  const isTold = method === 'GET' ? auditedReads.includes(name) : !unauditedChanges.includes(name)
  assert.deepEqual(
    rows.map(({ actor, note }) => ({ actor, note })),
    isTold ? [{ actor, note: fields.reason ?? null }] : [],
    rows.map(({ event }) => event).join(),
  )
}

/** What servers write by themselves. */
const ownTables = ['admin_tokens', 'jobs', 'limits', 'traffic', 'nodes', 'schema_changes']

/** A digest of every table but those. */
async function digestOf(databaseUrl: string): Promise<Record<string, string>> {
  const tables = [...(await allRows(databaseUrl, ownTables))]
  return Object.fromEntries(
    tables.map(([table, rows]) => [table, createHash('sha256').update(JSON.stringify(rows)).digest('hex')]),
  )
}
