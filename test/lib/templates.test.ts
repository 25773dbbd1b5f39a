import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ConfigError } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { messageSamples } from '../../src/delivery/samples.ts'
import { pageSamples } from '../../src/pages/samples.ts'
import { startServer } from '../../src/server/server.ts'
import { examine } from '../cli/doctor/examination.ts'
import { runCommand } from '../harness/command.ts'
import { createData, freshEmail, useServer } from '../harness/harness.ts'
import { runProgram } from '../harness/program.ts'

const source = join(import.meta.dirname, '..', '..', 'src')
const own = { pages: join(source, 'pages/templates'), messages: join(source, 'delivery/templates') }

/** A folder with these files in it, below a folder that has a file `outside.html.liquid`. */
function folderOf(files: Record<string, string>): string {
  const outer = mkdtempSync(join(tmpdir(), 'manydoors-templates-'))
  after(() => rmSync(outer, { recursive: true, force: true }))
  writeFileSync(join(outer, 'outside.html.liquid'), 'from outside')
  const folder = join(outer, 'templates')
  for (const [name, text] of Object.entries({ ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** What a start with this folder is refused for. */
async function problemsOf(folder: string): Promise<string[]> {
  const data = await createData('sqlite')
  const env = { ...data.env, PORT: '0', LOG_LEVEL: 'silent', MANYDOORS_TEMPLATES: folder }
  try {
    const server = await startServer(readConfig(env))
    await server.close()
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.problems
  } finally {
    await data.drop()
  }
}

describe('templates of an operator', () => {
  const server = useServer('sqlite', {
    env: {
      MANYDOORS_TEMPLATES: folderOf({
        'pages/layout.html.liquid':
          '<html lang="{{ texts.language }}"><body class="acme">{% block content %}{% endblock %}{% render "_foot" %}',
        'pages/_foot.html.liquid': '<footer>Acme & Co</footer>',
        'pages/link-invalid.html.liquid':
          "{% layout 'layout' %}{% block content %}Acme: {{ texts.linkInvalidTitle }}{% endblock %}",
        'pages/style.css': 'body { color: teal }',
        'pages/README.md': 'no template',
        'messages/reset-password.txt.liquid': 'Acme resets\n\nGo to {{ link }} at {{ brand.name }}',
        'messages/layout.html.liquid': '<p>Acme</p>{% block content %}{% endblock %}',
      }),
    },
  })

  const forget = async (): Promise<string> => {
    const email = freshEmail()
    const json = { email, password: '12345678' }
    await server.request('POST', '/api/co/auth/sign-up', { json })
    await server.request('POST', '/auth/forgot-password', { json: { email } })
    return email
  }

  it('override ours: a page, the layout of all pages, the stylesheet', async () => {
    const replaced = await server.request('GET', '/ui/reset-password?token=unknown')
    assert.equal(replaced.status, 404)
    assert.equal(
      replaced.text,
      '<html lang="en"><body class="acme">Acme: This link is no longer valid<footer>Acme & Co</footer>',
    )
    const norwegian = await server.request('GET', '/ui/reset-password?token=unknown', {
      headers: { 'accept-language': 'nb' },
    })
    assert.match(norwegian.text, /lang="nb".*Acme: Denne lenken er ikke lenger gyldig/)

    const kept = await server.request('GET', '/ui/verify-email-done')
    assert.match(
      kept.text,
      /class="acme">\s*<h1 class="done">Thank you<\/h1>\s*<p>.*<\/p>\s*<p class="actions">.*<\/p>\s*<footer>/,
    )

    const stylesheet = await server.request('GET', '/ui/style.css')
    assert.equal(stylesheet.text, 'body { color: teal }')
    assert.equal(stylesheet.headers.get('content-type'), 'text/css; charset=utf-8')
  })

  it('override ours in mails, each form by itself', async () => {
    const email = await forget()
    const mail = await server.mail(email, /^Acme resets$/)
    assert.match(mail.text, /^Go to http:\/\/localhost:5000\/ui\/reset-password\?\S+ at CREDEBL\n$/)
    assert.match(mail.html, /^<p>Acme<\/p>\s*<h1[^>]*>Set a new password<\/h1>/)
    await server.mail(email, /^Confirm your e-mail address/)
  })

  it('are escaped where they are HTML, and only there', async () => {
    const email = await forget()
    const mail = await server.mail(email, /^Acme resets$/)
    assert.match(mail.text, /&email=/)
    assert.match(mail.html, /&amp;email=/)
    assert.doesNotMatch(mail.html, /&email=/)
  })

  it('are not reached by a path of a request', async () => {
    for (const path of [
      '/ui/layout.html.liquid',
      '/ui/_foot',
      '/ui/..%2fmessages%2flayout.html.liquid',
      '/ui/%2e%2e/outside.html.liquid',
      '/ui/style.css%2f..%2f_foot.html.liquid',
      '/ui/style.css//',
    ]) {
      const { status, text } = await server.request('GET', path)
      assert.equal(status, 404, path)
      // The page that says so, in the operator's layout, or the plain words of where no page is; and no template.
      assert.match(text, /There is no such page\.|^\{"error":"route_not_found"\}$/, path)
      assert.doesNotMatch(text, /\{\{|\{%|from outside/, path)
    }
  })
})

describe('a start', () => {
  it('is refused for every template that cannot be used, and says which and why', async () => {
    const folder = folderOf({
      'pages/failure.html.liquid': "{% layout 'layout' %}{% block content %}{% if text %}{{ text }}",
      'pages/verify-email.html.liquid': '{{ token | shout }}',
      'pages/link-invalid.html.liquid': "{% layout 'gone' %}",
      'pages/verify-email-done.html.liquid': "{% render '../../outside' %}",
      'pages/reset-password-done.html.liquid': `{% include '${join(folderOf({}), '../outside.html.liquid')}' %}`,
      'pages/reset-pasword.html.liquid': 'misnamed',
      'pages/styles.css': 'misnamed',
      'messages/reset-password.txt.liquid': 'Reset\n\n{{ lnik }}',
      'messages/reset-code.nb.sms.liquid': '{{ code',
      'messages/layout.html.liquid': 'fine {% block content %}{% endblock %}',
    })
    const problems = (await problemsOf(folder)).sort()
    const expected = [
      /failure\.html\.liquid cannot be used: .*not closed/,
      /link-invalid\.html\.liquid cannot be used: .*"gone"/,
      /reset-code\.nb\.sms\.liquid cannot be used: /,
      /reset-password-done\.html\.liquid cannot be used: .*ENOENT/,
      /messages: reset-password\.txt\.liquid cannot be used: undefined variable: lnik, line:3/,
      /verify-email-done\.html\.liquid cannot be used: .*ENOENT.*outside/,
      /verify-email\.html\.liquid cannot be used: .*shout.*line:1/,
      /pages\/reset-pasword\.html\.liquid overrides no template of ours/,
      /pages\/styles\.css overrides no template of ours/,
    ]
    for (const words of expected)
      assert.ok(
        problems.some((problem) => words.test(problem)),
        `${words} in ${problems.join('\n')}`,
      )
    assert.equal(problems.length, expected.length, problems.join('\n'))
    assert.doesNotMatch(problems.join(), /from outside/)
  })

  it('is refused for a layout that breaks the templates of ours', async () => {
    const problems = await problemsOf(folderOf({ 'pages/layout.html.liquid': '{% block content %}' }))
    assert.equal(problems.length, 1, problems.join('\n'))
    assert.match(problems[0] ?? '', /not closed, file:.*pages\/layout\.html\.liquid, line:1/)
  })

  it('is refused in one clear sentence a problem, on standard error', async () => {
    const data = await createData('sqlite')
    const folder = folderOf({ 'messages/verify-email.txt.liquid': '{% if %}' })
    const env = { ...data.env, PORT: '0', MANYDOORS_TEMPLATES: folder }
    const { code, stdout, stderr } = await runProgram(env)
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(
      stderr,
      /^The configuration cannot be used:\n {2}- \S+\/messages: verify-email\.txt\.liquid cannot be used: .*\n$/,
    )

    assert.deepEqual(await runCommand({ env }, ['config', 'check']), { code: 1, stdout: '', stderr })
    const { of, findings } = await examine(env)
    await data.drop()
    assert.equal(of('configuration').state, 'problem')
    assert.ok(stderr.includes(of('configuration').says))
    assert.ok(findings.some(({ check }) => check === 'database'))
  })

  it('is refused without the folder, and with one that holds no templates', async () => {
    const refusal = /MANYDOORS_TEMPLATES must be a folder with pages\/ or messages\/ in it/
    for (const folder of ['/nowhere/templates', folderOf({ 'link-invalid.html.liquid': '' })])
      assert.throws(() => readConfig({ MANYDOORS_TEMPLATES: folder }), refusal)
  })

  it('takes a folder that holds a copy of everything', async () => {
    const folder = folderOf({ 'pages/.keep': '' })
    cpSync(own.pages, join(folder, 'pages'), { recursive: true })
    cpSync(own.messages, join(folder, 'messages'), { recursive: true })
    assert.deepEqual(await problemsOf(folder), [])
  })
})

describe('our templates', () => {
  const names = (folder: string) =>
    new Set(
      readdirSync(folder)
        .filter((file) => file.endsWith('.liquid'))
        .map((file) => file.split('.')[0] ?? ''),
    )

  it('all have an example of what they are rendered with', () => {
    const shared = (name: string) => name.startsWith('_') || /^(?:[a-z]+-)?layout$/.test(name)
    const tried = (folder: string) => [...names(folder)].filter((name) => !shared(name)).sort()
    assert.deepEqual(tried(own.pages), Object.keys(pageSamples).sort())
    assert.deepEqual(tried(own.messages), Object.keys(messageSamples).sort())
  })

  it('are all in the document for operators, with their variables', () => {
    const document = readFileSync(join(dirname(source), 'docs/templates.md'), 'utf8')
    const lines = document.split('\n').filter((line) => line.startsWith('| `'))
    const notice = /^A notice has .*/m.exec(document)?.[0] ?? ''
    const layout = lines.find((line) => line.startsWith('| `account-layout`')) ?? ''
    for (const [name, sample] of Object.entries({ ...pageSamples, ...messageSamples })) {
      const line = lines.filter((line) => line.split('|')[1]?.includes(`\`${name}\``)).join()
      assert.ok(line, name)
      const shared = [
        /those of a notice/.test(line) ? notice : '',
        /of `account-layout`/.test(line) ? layout : '',
      ]
      for (const variable of Object.keys(sample))
        assert.ok([line, ...shared].join().includes(`\`${variable}\``), `${variable} of ${name} in ${line}`)
    }
  })
})
