import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { assertSuccess } from '../contract/support.ts'
import { adapters } from '../dialects/adapters.ts'
import { runCommand } from '../harness/command.ts'
import { minbil, register } from '../harness/doors.ts'
import {
  type Answer,
  freshEmail,
  mailCausedBy,
  queryOf,
  type TestServer,
  useServer,
} from '../harness/harness.ts'
import { unescaped } from './html.ts'
import { assertGone, assertPage, open } from './page.ts'

const tooShort = 'The password must be at least 15 characters.'
const tooCommon =
  'This password is too common or too easy to guess. Choose another one, such as a few words that do not belong together.'
const tooPersonal =
  'This password contains your name, your address or the name of this service, and little else. Choose another one.'

/** As a password manager makes it. */
const random = 'kX9#vQ2mLp7zRt4w'

describe('a new password on the page of a reset link', () => {
  const server = useServer('sqlite')

  it('must be long and hard to guess, also for those who know the owner', async () => {
    const email = `firstname.lastname.${freshEmail()}`
    const person = await register(server, { email, password: '12345678' })
    const link = await resetLink(server, email)
    const [mailbox = ''] = email.split('@')
    const refused: [password: string, problem: string][] = [
      ['', tooShort],
      ['12345678', tooShort],
      [random.slice(0, 14), tooShort],
      ['correcthorsebatterystaple', tooCommon],
      ['Correct horse battery staple', tooCommon],
      ['passwordpassword1', tooCommon],
      ['P@ssw0rdP@ssw0rd', tooCommon],
      ['qwertyuiop1234567890', tooCommon],
      ['x'.repeat(256), tooCommon],
      ['constructorconstructor', tooCommon],
      [email, tooPersonal],
      [`${mailbox}${mailbox}`, tooPersonal],
      ['firstname.lastnamefirstname.lastname', tooPersonal],
      ['Lastname-Firstname-Lastname', tooPersonal],
      ['f1rstn4me.l4stn4me.2024', tooPersonal],
      ['Minbil-Minbil-2024!', tooPersonal],
    ]
    for (const [password, problem] of refused) {
      const page = await submit(server, link, password)
      assertPage(page, 400)
      assert.equal(problemOn(page), problem, password)
      const typed = page.text.replace(/<input [^>]*autocomplete="username"[^>]*>/, '')
      assert.ok(password.length < 9 || !typed.includes(password), 'a password is not written back')
    }
    assert.equal((await minbil.signIn(server, person)).status, 200)

    assertPage(await submit(server, link, random), 200)
    assert.equal((await minbil.signIn(server, { ...person, password: random })).status, 200)
    assertGone(await submit(server, link, random))
  })

  it('may contain what is known of the owner beside what is not', async () => {
    for (const password of ['unicorn-lamp-violet-stair', `${random} firstname.lastname`]) {
      const { email } = await register(server, {
        email: `firstname.lastname.${freshEmail()}`,
        password: '12345678',
      })
      assertPage(await submit(server, await resetLink(server, email), password), 200)
      assert.equal((await minbil.signIn(server, { email, password })).status, 200, password)
    }
  })
})

describe('the page of a reset link', () => {
  const server = useServer('sqlite')

  it('asks for the minimum length', async () => {
    const { email } = await register(server)
    const page = await open(server, await resetLink(server, email))
    assert.match(page.text, / minlength="15" /)
    assert.match(page.text, />At least 15 characters</)
  })

  it('says in Norwegian what is wrong', async () => {
    const { email } = await register(server)
    const link = await resetLink(server, email)
    const headers = { 'accept-language': 'nb' }
    const told = async (password: string) => problemOn(await submit(server, link, password, headers))
    assert.equal(await told('12345678'), 'Passordet må ha minst 15 tegn.')
    assert.equal(
      await told('passwordpassword1'),
      'Dette passordet er for vanlig eller for lett å gjette. Velg et annet, for eksempel noen ord som ikke hører sammen.',
    )
    assert.equal(
      await told(`--${email}--`),
      'Dette passordet inneholder navnet ditt, adressen din eller navnet på tjenesten, og lite annet. Velg et annet.',
    )
  })
})

describe('a new password at a door', () => {
  const server = useServer('sqlite')

  for (const { name, signUp } of adapters) {
    it(`may be the one from the documents at ${name}`, async () => {
      assertSuccess(await signUp(server, { email: freshEmail(), password: '12345678' }))
    })
  }

  it('may be that, too, when it is changed or reset', async () => {
    const { email } = await register(server)
    const changed = { email, oldPassword: '12345678', newPassword: '87654321' }
    assert.equal((await server.request('POST', '/auth/reset-password', { json: changed })).status, 200)
    const json = { token: queryOf(await resetLink(server, email), 'token'), password: '12345678' }
    assert.equal((await server.request('POST', '/api/co/auth/reset-password', { json })).status, 200)
  })
})

/** How doors say that a password is too easy to guess, to the letter. */
const refusals: Record<string, object> = {
  minbil: {
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    code: 'validation_error',
    message: 'Password is too easy to guess.',
  },
  credebl: { statusCode: 400, message: ['Password is too easy to guess.'], error: 'Bad Request' },
  wolfpal: {
    code: 400,
    codes: { password: 'INVALID' },
    errors: { password: 'Password is too easy to guess.' },
  },
  vastly: {
    status: 'fail',
    message: 'Validation failed',
    errors: { password: 'Password is too easy to guess.' },
  },
  pm2: {
    password: { message: 'Password is too easy to guess.' },
    msg: 'Password is too easy to guess.',
  },
}

describe('a new password where passwords are strict everywhere', () => {
  const others = adapters.filter(({ name }) => name !== 'minbil').map(({ name }) => `${name}: `)
  const server = useServer('sqlite', {
    yaml: `
realms:
  main:
    strictPasswords: everywhere
    password: { minLength: 16 }
    dialects: { minbil: { password: { minLength: 8 } }, ${others.join(', ')} }
`,
  })

  for (const { name, signUp, statuses, assertError } of adapters) {
    it(`is refused by ${name} in its own words`, async () => {
      const email = freshEmail()
      const refused = async (password: string, email = freshEmail()) => {
        const answer = await signUp(server, { email, password })
        assertError(answer, statuses.rejectedPassword)
        return answer.body
      }
      const least = name === 'minbil' ? 15 : 16
      assert.match(JSON.stringify(await refused('12345678')), new RegExp(`at least ${least} characters`))
      const tooEasy = await refused('correcthorsebatterystaple')
      if (refusals[name]) assert.deepEqual(tooEasy, refusals[name])
      assert.match(JSON.stringify(await refused(`--${email}--`, email)), /little more than your name/)
      assertSuccess(await signUp(server, { email: freshEmail(), password: random }))
    })
  }

  it('is refused when it is changed or reset, and consumes nothing', async () => {
    const { email } = await register(server, { email: freshEmail(), password: random })
    const change = (newPassword: string) =>
      server.request('POST', '/auth/reset-password', { json: { email, oldPassword: random, newPassword } })
    assert.equal((await change('passwordpassword1')).status, 400)
    assert.equal((await change(`--${email}--`)).status, 400)
    assert.equal((await change('unicorn-lamp-violet-stair')).status, 200)

    const token = queryOf(await resetLink(server, email), 'token')
    const reset = (password: string) =>
      server.request('POST', '/api/co/auth/reset-password', { json: { token, password } })
    assert.equal((await reset('passwordpassword1')).status, 400)
    assert.equal((await reset(`--${email}--`)).status, 400)
    assert.equal((await reset(random)).status, 200)
    assert.equal((await minbil.signIn(server, { email, password: random })).status, 200)
  })

  it('is refused by the command line', async () => {
    const create = (password: string) =>
      runCommand(server, ['account', 'create', '--email', freshEmail()], `${password}\n`)
    for (const password of ['12345678', 'passwordpassword1']) assert.equal((await create(password)).code, 1)
    assert.equal((await create(random)).code, 0)
  })
})

describe('a new password where passwords are strict nowhere', () => {
  const server = useServer('sqlite', { yaml: 'realms: { main: { strictPasswords: off } }' })

  it('needs only eight characters, on the page too', async () => {
    const person = await register(server)
    const link = await resetLink(server, person.email)
    assert.match((await open(server, link)).text, / minlength="8" /)
    const refused = await submit(server, link, '1234567')
    assert.equal(problemOn(refused), 'The password must be at least 8 characters.')
    assertPage(await submit(server, link, 'password'), 200)
    assert.equal((await minbil.signIn(server, { ...person, password: 'password' })).status, 200)
  })
})

describe('an existing password', () => {
  const server = useServer('sqlite', { yaml: 'realms: { main: { strictPasswords: pages } }' })

  it('stays valid, however easy to guess', async () => {
    const person = await register(server)
    await server.restart(async () => {
      await writeFile(server.env.MANYDOORS_CONFIG ?? '', 'realms: { main: { strictPasswords: everywhere } }')
    })
    assert.equal((await minbil.signIn(server, person)).status, 200)
  })
})

function submit(server: TestServer, link: string, password: string, headers = {}): Promise<Answer> {
  const form = { token: queryOf(link, 'token'), password }
  return server.request('POST', '/ui/reset-password', { form, headers })
}

function problemOn({ text }: Answer): string {
  const [, problem = ''] = /<p class="problem" role="alert" id="problem">([^<]*)<\/p>/.exec(text) ?? []
  return unescaped(problem)
}

async function resetLink(server: TestServer, email: string): Promise<string> {
  const { links } = await mailCausedBy(server, { to: email, subject: /new password/ }, () =>
    server.request('POST', '/api/co/auth/forgot-password', { json: { email } }),
  )
  return links[0] ?? ''
}
