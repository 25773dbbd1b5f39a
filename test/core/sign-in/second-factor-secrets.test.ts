import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { Secret } from 'otpauth'
import {
  answerChallenge,
  challengeFor,
  codeAt,
  confirm,
  disable,
  enrol,
  nextCode,
  registerAndSignIn,
  registerWithSecondFactor,
  tokensOf,
  toNextStep,
  wrongCode,
} from '../../dialects/wolfpal/door.ts'
import { select, tableNames } from '../../harness/database.ts'
import { onEveryEngine, useServer } from '../../harness/harness.ts'
import { found, type Needle, needlesOfToken } from '../../harness/secrets.ts'

onEveryEngine('the secrets of a second factor', (engine) => {
  const server = useServer(engine, { env: { LOG_LEVEL: 'trace' } })
  const tokens: string[] = []
  const codes: string[] = []
  const secrets: string[] = []

  const keep = (list: string[], secret: string) => {
    list.push(secret)
    return secret
  }

  before(async () => {
    const person = await registerWithSecondFactor(server)
    const [first = '', second = ''] = person.backupCodes
    keep(secrets, person.secret)
    tokens.push(...person.backupCodes)
    codes.push(codeAt(server, person.secret))
    const challenge = async () => keep(tokens, await challengeFor(server, person))
    tokensOf(await answerChallenge(server, await challenge(), keep(codes, nextCode(server, person.secret))))
    const { access } = tokensOf(await answerChallenge(server, await challenge(), first))
    await answerChallenge(server, await challenge(), keep(codes, wrongCode(server, person.secret)))
    await disable(server, access, keep(codes, nextCode(server, person.secret)))
    const replaced = await enrol(server, access)
    await confirm(server, access, keep(codes, nextCode(server, replaced.secret)))
    await answerChallenge(server, await challenge(), second)
    keep(secrets, replaced.secret)
    tokens.push(...replaced.backupCodes)

    // One whose secret is still pending, and one with a challenge that nobody has answered.
    const pending = await enrol(server, (await registerAndSignIn(server)).access)
    keep(secrets, pending.secret)
    tokens.push(...pending.backupCodes)
    await challenge()
    toNextStep(server)
  })

  const needles = (): Needle[] => [...tokens.flatMap(needlesOfToken), ...secrets.flatMap(needlesOfSecret)]

  it('are in no column of any table', async () => {
    const url = server.env.DATABASE_URL ?? ''
    const tables = await tableNames(url)
    assert.ok(tables.includes('totp') && tables.includes('recovery_codes'))
    const rows = await Promise.all(tables.map((table) => select(url, `select * from "${table}"`)))
    const columns = rows.flat().flatMap((row) => Object.values(row))
    assert.ok(columns.length > 100)
    assert.deepEqual(found(needles(), Buffer.from(columns.join('\n'))), [])
  })

  it('are in no line of the log', () => {
    const lines = server.log.map((line) => JSON.stringify(line)).join('\n')
    assert.match(lines, /second_factor\.enabled/)
    assert.match(lines, /second_factor\.recovery_code_used/)
    assert.deepEqual(found(needles(), Buffer.from(lines)), [])
    assert.ok(codes.length >= 5)
    for (const code of codes) assert.doesNotMatch(lines, new RegExp(`(?<![\\w-])${code}(?![\\w-])`))
  })
})

/** As text, and as the bytes that it stands for in every usual form. */
function needlesOfSecret(secret: string): Needle[] {
  const bytes = Buffer.from(Secret.fromBase32(secret).bytes)
  return [
    { what: `secret ${secret}`, bytes: Buffer.from(secret) },
    { what: `secret ${secret}, raw`, bytes },
    ...(['hex', 'base64', 'base64url'] as const).map((form) => ({
      what: `secret ${secret}, in ${form}`,
      bytes: Buffer.from(bytes.toString(form).replace(/=+$/, '')),
    })),
  ]
}
