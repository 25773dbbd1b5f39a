import { execFile } from 'node:child_process'
import { chown, cp, lstat, mkdir, readdir, readFile } from 'node:fs/promises'
import { join, posix, relative } from 'node:path'
import { promisify } from 'node:util'
import { type Instruction, readDockerfile, type Stage } from './dockerfile.ts'
import { ignoredBy } from './ignored.ts'

/** What an image of the last stage would be, beside its base: the files, and how they are started. */
export interface Image {
  /** The folder that stands for `/`; it holds what the stage adds to its base. */
  root: string
  base: string
  workdir: string
  env: Record<string, string>
  user: string
  volumes: string[]
  command: string[]
  healthCheck: string[]
}

/** Follows a Dockerfile, each stage in a folder below `target`. Throws at an instruction that it does not know. */
export async function buildImage(context: string, target: string): Promise<Image> {
  const stages = readDockerfile(await readFile(join(context, 'Dockerfile'), 'utf8'))
  const isIgnored = ignoredBy(await readFile(join(context, '.dockerignore'), 'utf8'))
  const images = new Map<string, Image>()
  let image: Image | undefined
  for (const stage of stages) {
    image = await buildStage(stage, { context, isIgnored, images, root: join(target, stage.name) })
    images.set(stage.name, image)
  }
  if (!image) throw new Error('the Dockerfile has no stage')
  return image
}

interface Surroundings {
  context: string
  isIgnored: (path: string) => boolean
  images: Map<string, Image>
  root: string
}

async function buildStage({ base, instructions }: Stage, surroundings: Surroundings): Promise<Image> {
  const { root } = surroundings
  const image: Image = {
    root,
    base,
    workdir: '/',
    env: {},
    user: 'root',
    volumes: [],
    command: [],
    healthCheck: [],
  }
  await mkdir(root, { recursive: true })
  for (const instruction of instructions) await follow(instruction, image, surroundings)
  return image
}

async function follow(instruction: Instruction, image: Image, surroundings: Surroundings): Promise<void> {
  const { name, text } = instruction
  if (name === 'COPY') return copy(instruction, image, surroundings)
  if (name === 'RUN') return run(text, image)
  if (name === 'WORKDIR') {
    image.workdir = posix.resolve(image.workdir, text)
    await mkdir(join(image.root, image.workdir), { recursive: true })
  } else if (name === 'ENV') {
    for (const [, key = '', value = ''] of text.matchAll(/(\w+)=(\S*)/g)) image.env[key] = value
  } else if (name === 'USER') image.user = text
  else if (name === 'VOLUME') image.volumes.push(text)
  else if (name === 'ENTRYPOINT' || name === 'CMD') image.command.push(...JSON.parse(text))
  else if (name === 'HEALTHCHECK') image.healthCheck = JSON.parse(text.replace(/^CMD\s+/, ''))
  else if (name !== 'EXPOSE') throw new Error(`this test does not know what ${name} does`)
}

async function copy({ flags, text }: Instruction, image: Image, surroundings: Surroundings): Promise<void> {
  const paths = text.split(/\s+/)
  const target = paths.pop() ?? ''
  const from = flags.from === undefined ? undefined : surroundings.images.get(flags.from)
  const source = from?.root ?? surroundings.context
  const filter = (path: string) => {
    const inContext = relative(source, path).replaceAll('\\', '/')
    return from !== undefined || inContext === '' || !surroundings.isIgnored(inContext)
  }
  for (const path of paths) {
    const given = join(source, path)
    if (!filter(given)) throw new Error(`COPY ${path}: .dockerignore leaves it out`)
    const isFolder = (await lstat(given)).isDirectory()
    const goal = join(image.root, posix.resolve(image.workdir, target))
    const goes = !isFolder && /(^|\/)\.?\/?$/.test(target) ? join(goal, posix.basename(path)) : goal
    await cp(given, goes, { recursive: true, filter, verbatimSymlinks: true, preserveTimestamps: true })
    if (flags.chown !== undefined) await giveTo(goes, flags.chown)
  }
}

async function giveTo(path: string, owner: string): Promise<void> {
  const [user = 0, group = 0] = owner.split(':').map(Number)
  if (process.getuid?.() === 0) await chown(path, user, group)
}

/** Only paths below the working folder may be named: there is no root of its own here. */
async function run(command: string, { root, workdir }: Image): Promise<void> {
  if (/(^|\s)\/\w/.test(command)) throw new Error(`this test cannot run what names whole paths: ${command}`)
  const env = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|config_(local_)?prefix)/.test(name),
  )
  await promisify(execFile)('sh', ['-c', command], {
    cwd: join(root, workdir),
    // `npm test` follows a `npm ci`, so all is in npm's cache already.
    env: { ...Object.fromEntries(env), npm_config_prefer_offline: 'true' },
    maxBuffer: 10_000_000,
  })
}

/** Every file below a folder: path, size in bytes and time of its last change. */
export async function filesBelow(folder: string): Promise<{ path: string; size: number; changed: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name)
      const { size, mtimeMs } = await lstat(path)
      return { path: relative(folder, path), size: entry.isFile() ? size : 0, changed: mtimeMs }
    }),
  )
}
