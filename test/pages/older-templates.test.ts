import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import {
  authorizePath,
  commandLineClient,
  loopbackUri,
  password,
  redirectUri,
  refreshTokenOf,
  register,
} from '../dialects/pm2/door.ts'
import { nextCode, registerWithSecondFactor } from '../dialects/wolfpal/door.ts'
import { freshEmail, useServer } from '../harness/harness.ts'
import { plainBrowser } from './jar.ts'
import { assertProblem, wrong } from './visitor.ts'

/** As operators have them who have copied ours before logins had paths of their own. */
const templates = {
  'sign-in': `<form method="post" action="/ui/sign-in"><input type="hidden" name="form" value="{{ form }}">
    <input name="identifier" value="{{ identifier }}"{% if problem %} aria-describedby="problem" aria-invalid="true"{% endif %}>
    <input name="password" type="password"></form><a href="/ui/forgot-password">{{ texts.forgotLink }}</a>`,
  'second-factor': `<form method="post" action="/ui/sign-in/second-factor"><input type="hidden" name="form" value="{{ form }}">
    <input type="hidden" name="challenge" value="{{ challenge }}"><input name="code"></form>
    <a href="/ui/sign-in">{{ texts.startAgain }}</a>`,
  'forgot-password': `<form method="post" action="/ui/forgot-password"><input type="hidden" name="form" value="{{ form }}">
    <input name="email" value="{{ email }}"></form>{% if isLogin %}<a href="/ui/sign-in">Back</a>{% endif %}`,
  'forgot-password-done': `<p>{{ texts.forgotDoneText }}</p>{% if isLogin %}<a href="/ui/sign-in">Back</a>{% endif %}`,
}

describe('templates of an operator that know nothing of two tabs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manydoors-older-templates-'))
  mkdirSync(join(folder, 'pages'))
  for (const [name, content] of Object.entries(templates)) {
    const title = '{% if problem %}{{ texts.problemTitle }} {% endif %}Acme'
    const problem =
      '{% if problem %}<p class="problem" role="alert" id="problem">{{ problem }}</p>{% endif %}'
    const text = `{% layout 'layout' %}{% block title %}${title}{% endblock %}{% block content %}${problem}${content}{% endblock %}`
    writeFileSync(join(folder, 'pages', `${name}.html.liquid`), text)
  }
  after(() => rmSync(folder, { recursive: true, force: true }))
  const server = useServer('sqlite', { env: { MANYDOORS_TEMPLATES: folder } })

  it('sign in to the app of the form, also when another login was begun since', async () => {
    const { username, secret } = await registerWithSecondFactor(server)
    const browser = plainBrowser(server)
    const first = await browser.open(authorizePath())
    const second = await browser.open(authorizePath(commandLineClient, loopbackUri))
    const typed = { identifier: username, password }
    const code = await browser.submit(first, typed)
    refreshTokenOf(await browser.submit(code, { code: nextCode(server, secret) }), redirectUri)
    const refused = await browser.submit(second, { ...typed, password: 'wrong-password' })
    assertProblem(refused, 401, wrong, loopbackUri)
    const person = await register(server)
    refreshTokenOf(await browser.submit(refused, { identifier: person.username, password }), loopbackUri)
  })

  it('send a link to a new password, in a login and without one', async () => {
    for (const begun of [authorizePath(), '/ui/forgot-password']) {
      const browser = plainBrowser(server)
      await browser.open(begun)
      const done = await browser.submit(await browser.open('/ui/forgot-password'), { email: freshEmail() })
      assert.match(done.text, /If there is an account with this address/)
      assert.equal(/Back/.test(done.text), begun !== '/ui/forgot-password')
    }
  })
})
