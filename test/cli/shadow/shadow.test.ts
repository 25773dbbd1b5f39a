import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { runProgram } from '../../../src/cli/program.ts'
import { assertRefused, runCommand } from '../../harness/command.ts'
import { eventually, notify } from '../../harness/events.ts'
import { send } from '../../harness/harness.ts'
import { listen } from '../../shadow/through-shadow.ts'

const target = { env: {} }
const servers = ['--dialect', 'wolfpal', '--old', 'https://old.example.com', '--new', 'http://127.0.0.1:5000']

describe('shadow', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-shadow-'))
  })
  after(() => rm(folder, { recursive: true }))

  /** What a shadow has written that saw one exchange with such answers. */
  async function seen(old: RequestListener, fresh: RequestListener): Promise<string> {
    const file = join(folder, `seen-${++files}.json`)
    const [oldServer, freshServer] = [createServer(old), createServer(fresh)]
    const urls = [await listen(oldServer), await listen(freshServer)]
    let said = ''
    let stop = () => {}
    const stderr = new Writable({
      write: (chunk, _encoding, done) => {
        said += chunk
        notify()
        done()
      },
    })
    const args = ['--old', urls[0] ?? '', '--new', urls[1] ?? '', '--listen', '0', '--report', file]
    const running = runProgram(['shadow', '--dialect', 'wolfpal', ...args], {
      env: {},
      now: Date.now,
      network: fetch,
      pid: process.pid,
      exit: () => assert.fail(),
      stdin: Readable.from([]),
      stdout: stderr,
      stderr,
      onInterrupt: (given) => {
        stop = given
        return () => {}
      },
    })
    const url = await eventually('its address', () => /^(http:\S+) answers/.exec(said)?.[1])
    const json = { email: 'ada@example.com', password: 'open sesame' }
    await send(`${url}/auth/login`, 'POST', { json })
    stop()
    assert.equal(await running, 0, said)
    for (const server of [oldServer, freshServer]) {
      server.closeAllConnections()
      server.close()
    }
    return file
  }
  let files = 0

  const asJson =
    (status: number, body: object): RequestListener =>
    (_request, response) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

  it('runs until it is interrupted, and leaves what it has seen in a file of its owner alone', async () => {
    const file = await seen(asJson(200, { a: 1 }), asJson(200, {}))
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.doesNotMatch(await readFile(file, 'utf8'), /ada|sesame/)
    const { code, stdout } = await runCommand(target, ['shadow', 'report', file])
    assert.equal(code, 0)
    assert.match(stdout, /POST \/auth\/login\n {2}1 × shape \/a\n {6}old 1 {2}new \(none\)/)
  })

  it('reports as JSON, and fails where that differs which is not to', async () => {
    const file = await seen(asJson(401, {}), asJson(400, {}))
    const report = ['--json', 'shadow', 'report', file]
    const { code, stdout } = await runCommand(target, [...report, '--fail-on', 'shape,status'])
    const { routes, failures } = JSON.parse(stdout)
    assert.deepEqual([code, failures, routes[0].different], [2, ['status'], 1])
    assert.deepEqual(routes[0].places[0].examples, [{ old: '401', new: '400' }])
    assert.equal((await runCommand(target, [...report, '--fail-on', 'shape'])).code, 0)
    const expected = join(folder, 'expected.yaml')
    await writeFile(expected, '- { route: POST *, pointer: status, old: 401, new: 400, rule: ours }\n')
    const asExpected = [...report, '--fail-on', 'status', '--expected', expected]
    assert.equal((await runCommand(target, asExpected)).code, 0)
  })

  const refused: Record<string, [args: string[], sentence: RegExp]> = {
    'without both servers': [['shadow', '--dialect', 'wolfpal'], /--dialect, --old, --new/],
    'for a door that nobody knows': [
      ['shadow', ...servers.with(1, 'nobody')],
      /there is no door nobody: .*wolfpal/,
    ],
    'to listen to a network in plain text': [
      ['shadow', ...servers, '--listen', '0.0.0.0:0'],
      /in plain text: give --tls-cert/,
    ],
    'with half of a certificate': [['shadow', ...servers, '--tls-key', 'key.pem'], /belong together/],
    'with a password in an address': [
      ['shadow', ...servers.with(3, 'https://a:secret@old.example.com')],
      /such as https:\/\/old.example.com/,
    ],
    'with a share above one': [['shadow', ...servers, '--sample', '2'], /from 0 to 1/],
    'for a file that is no report': [
      ['shadow', 'report', 'package.json'],
      /is not what a shadow has written/,
    ],
    'for kinds that there are not': [
      ['shadow', 'report', 'x', '--fail-on', 'status,all'],
      /status, header, shape, value/,
    ],
  }
  for (const [name, [args, sentence]] of Object.entries(refused)) {
    it(`is refused ${name}`, () => assertRefused(target, args, sentence))
  }

  it('says which row of what is expected cannot be read', async () => {
    const file = await seen(asJson(200, {}), asJson(200, {}))
    const expected = join(folder, 'wrong.yaml')
    await writeFile(expected, '- { route: POST /x, pointer: status }\n')
    await assertRefused(
      target,
      ['shadow', 'report', file, '--expected', expected],
      /wrong\.yaml: 0\.rule: rule must say why/,
    )
  })
})
