import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { ImportRecord } from '../../../src/core/imports/neutral.ts'
import { anyCharacter } from '../../harness/any-character.ts'
import { onEveryEngine } from '../../harness/harness.ts'
import { freshId, importAll, recordOf, useRealm } from './importing.ts'

/** What a file may hold in the place of anything: other types, NUL, halves of characters, much of it. */
const anything = fc.oneof(
  fc.anything({ withNullPrototype: false }),
  fc.string({ unit: anyCharacter, maxLength: 40 }),
  fc.constantFrom('\0', '\ud800', 'x'.repeat(5000), '__proto__', 'null', -0, 1e308, '9999-99-99'),
  fc.array(fc.constantFrom(null, {}, 'x', { secret: 5 }, { provider: {}, subject: null }), { maxLength: 3 }),
)

const fields = [
  'id',
  'email',
  'username',
  'phone',
  'passwordHash',
  'password',
  'passwordPending',
  'disabledUntil',
  'createdAt',
  'lastSignInAt',
  'invitedAt',
  'profile',
  'attributes',
  'totp',
  'recoveryCodes',
  'identities',
  'sessions',
]

onEveryEngine('a record that no format should have made', (engine) => {
  const realm = useRealm(engine)

  it('is taken or refused by its own, and harms no other', async () => {
    const record = fc.record(Object.fromEntries(fields.map((field) => [field, anything])), {
      requiredKeys: [],
    })
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 4 }), async (records) => {
        const good = freshId()
        const { report, outcomes } = await importAll(realm, [
          ...records.map((given) => {
            const id = freshId()
            return { email: `${id}@example.com`, ...given, ...recordOf(id) } as ImportRecord
          }),
          recordOf(good, { email: `${good}@example.com` }),
        ])
        assert.equal(outcomes.size, records.length + 1)
        assert.equal(outcomes.get(records.length + 1)?.what, 'created')
        assert.equal(report.read, records.length + 1)
      }),
      { numRuns: engine === 'sqlite' ? 150 : 40 },
    )
  })

  it('that is none at all is refused', async () => {
    const { report } = await importAll(realm, [
      { sourceId: 'x' } as ImportRecord,
      { source: 5, sourceId: {}, email: 'x@example.com' } as unknown as ImportRecord,
    ])
    assert.deepEqual([report.read, report.created, report.refused[0]?.count], [2, 0, 2])
  })
})
