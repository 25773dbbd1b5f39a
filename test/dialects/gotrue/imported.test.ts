import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { hashSync } from 'bcrypt'
import { runCommand } from '../../harness/command.ts'
import { claimsOf, freshEmail, onEveryEngine, useServer } from '../../harness/harness.ts'
import { assertRefused, send, signIn, stepUp } from './factors.ts'
import { asService, withServiceKeys } from './service-keys.ts'

const id = '00000000-0000-4000-8000-000000000042'
const password = 'four words and blanks'

onEveryEngine('an account that comes from Supabase Auth', (engine) => {
  const server = useServer(engine, { yaml: withServiceKeys() })

  it('is shown as it was there, with all its factors, and with nothing that nobody has put into it', async (t) => {
    const email = freshEmail()
    const user = {
      id,
      email,
      encrypted_password: hashSync(password, 4),
      email_confirmed_at: '2024-03-02 08:00:00+00',
      invited_at: '2024-03-01 08:15:30.123+00',
      raw_app_meta_data: { provider: 'email', providers: ['email'], plan: 'pro' },
      raw_user_meta_data: { name: 'Ada' },
      is_super_admin: true,
      role: 'service_role',
      aud: 'authenticated',
    }
    const factor = { user_id: id, factor_type: 'totp', status: 'verified' }
    const factors = [
      { ...factor, id: `${id.slice(0, -2)}51`, friendly_name: 'phone', secret: 'JBSWY3DPEHPK3PXP' },
      { ...factor, id: `${id.slice(0, -2)}52`, friendly_name: 'laptop', secret: 'KRSXG5CTMVRXEZLU' },
    ]
    const folder = await mkdtemp(join(tmpdir(), 'manydoors-imported-'))
    t.after(() => rm(folder, { recursive: true, force: true }))
    const files = Object.entries({ users: [user], factors }).map(([name, rows]) => ({
      file: join(folder, `${name}.json`),
      text: JSON.stringify(rows),
    }))
    for (const { file, text } of files) await writeFile(file, text)
    const names = files.map(({ file }) => file)
    const { stdout, stderr } = await runCommand(server, [
      'import',
      'supabase',
      ...names,
      '--commit',
      '--json',
    ])
    const { created, secondFactors, dropped } = JSON.parse(stdout || assert.fail(stderr))
    assert.deepEqual([created, secondFactors], [1, 2])
    assert.deepEqual(dropped.map(({ reason }: { reason: string }) => reason).sort(), [
      'is_super_admin: nothing asks for it here',
      'role: another than authenticated',
    ])

    const { body: shown } = await asService(server, 'GET', `/admin/users/${id}`)
    assert.equal(shown.invited_at, '2024-03-01T08:15:30.123Z')
    assert.equal(shown.role, 'authenticated')
    assert.deepEqual(shown.app_metadata, { provider: 'email', providers: ['email'], plan: 'pro' })
    const { body: listed } = await asService(server, 'GET', '/admin/users')
    assert.equal(listed.users[0].invited_at, shown.invited_at)

    const { access } = await signIn(server, { email, password })
    const { body: own } = await send(server, 'GET', '/user', { bearer: access })
    assert.equal(own.invited_at, shown.invited_at)
    assert.deepEqual(own.app_metadata, shown.app_metadata)
    const held: Record<string, string>[] = own.factors
    assert.deepEqual(
      held.map(({ friendly_name, status }) => [friendly_name, status]),
      [
        ['phone', 'verified'],
        ['laptop', 'verified'],
      ],
    )
    const { access: steppedUp } = await stepUp(server, access, {
      id: held[1]?.id ?? '',
      secret: factors[1]?.secret ?? '',
    })
    assert.equal(claimsOf(steppedUp).aal, 'aal2')
    const json = { factor_type: 'totp', friendly_name: 'laptop' }
    assertRefused(
      await send(server, 'POST', '/factors', { bearer: steppedUp, json }),
      422,
      'mfa_factor_name_conflict',
    )
  })
})
