import type { RealmContext } from '../../core/context.ts'
import { listKeys, nextKeys, readyAt, replaceKeys, rotateKeys } from '../../core/keys/key-rotation.ts'
import { countMasterKeyUse, isRemovable, sealedTexts } from '../../core/keys/master-key-use.ts'
import { type Resealed, resealRealm, resealRetainedKeys } from '../../core/keys/resealing.ts'
import { type Core, everyRealm } from '../../server/core.ts'
import type { SigningAlgorithm, SigningKeyRow } from '../../store/schema.ts'
import { retainedKeys } from '../../store/tables/retained-keys.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { printResult } from '../terminal/print.ts'
import { createProgress } from '../terminal/progress.ts'
import { realmNamed, withCore } from '../with-core.ts'
import { describeMasterKeys, describeSigningKeys, presentKey } from './text.ts'

/** `keys list | rotate | reseal`: the keys that sign, and the master keys that all others rest on. */
export function defineCommand(keys: CliCommand): void {
  keys
    .command('list')
    .description('list the signing keys, and what still depends on each master key')
    .option('--realm <name>', 'only the signing keys of this realm')
    .action((options: { realm?: string }, command: CliCommand) =>
      withCore(command, 'read', (core) => list(core, options, command)),
    )
  keys
    .command('rotate')
    .description('sign with the next signing key of each algorithm from now on')
    .option('--realm <name>', 'only in this realm')
    .option('--force', 'also when it has been published for less than a day')
    .option('--leaked', 'retire all signing keys and make new ones')
    .action((options: RotateOptions, command: CliCommand) =>
      withCore(command, 'change', (core) => rotate(core, options, command)),
    )
  keys
    .command('reseal')
    .description('re-encrypt everything under the primary master key, as servers do in the background')
    .action((_options: object, command: CliCommand) =>
      withCore(command, 'change', (core) => reseal(core, command)),
    )
}

function realmsOf(core: Core, name: string | undefined): RealmContext[] {
  const realms = name === undefined ? [...core.realms.values()] : [realmNamed(core, name)]
  return realms.map((ctx) => ({ ...ctx, actor: 'cli' }))
}

async function list(core: Core, { realm }: { realm?: string }, command: CliCommand): Promise<void> {
  const realms = await Promise.all(
    realmsOf(core, realm).map(async (ctx) => ({
      realm: ctx.realm.name,
      signingKeys: (await listKeys(ctx)).map(presentKey),
    })),
  )
  const masterKeys = (await masterKeyUse(core)).map((use) => ({
    ...use,
    sessionsEndAt: use.sessionsEndAt ?? null,
    isRemovable: isRemovable(use),
  }))
  printResult(command, { realms, masterKeys }, [
    ...realms.flatMap(({ realm, signingKeys }) => describeSigningKeys(realm, signingKeys)),
    ...describeMasterKeys(masterKeys),
  ])
}

function masterKeyUse(core: Core) {
  return countMasterKeyUse(core.operators.secrets, everyRealm(core), retainedKeys(core.db))
}

interface RotateOptions {
  realm?: string
  force?: boolean
  leaked?: boolean
}

async function rotate(core: Core, options: RotateOptions, command: CliCommand): Promise<void> {
  const realms = realmsOf(core, options.realm)
  const turns = await Promise.all(realms.map(async (ctx) => ({ ctx, next: await nextKeys(ctx) })))
  if (!options.force && !options.leaked)
    for (const { ctx, next } of turns) for (const key of next) refuseEarly(ctx, key)
  const rotated: { realm: string; key: string; algorithm: SigningAlgorithm }[] = []
  for (const { ctx, next } of turns) {
    const realm = ctx.realm.name
    const keys = options.leaked ? await replaceKeys(ctx) : await rotateKeys(ctx, next)
    if (!keys) throw new CommandError(`somebody else has just rotated the keys of realm ${realm}`)
    rotated.push(...keys.map(({ id, algorithm }) => ({ realm, key: id, algorithm })))
  }
  printResult(command, { rotated, replaced: options.leaked === true }, [
    ...rotated.map(
      ({ realm, key, algorithm }) => `${key} (${algorithm}) signs in realm ${realm} from now on.`,
    ),
    options.leaked
      ? 'All keys before it are retired: running servers refuse what they have signed within 30 seconds.'
      : 'What the key before it has signed is accepted until it expires.',
  ])
}

function refuseEarly(ctx: RealmContext, next: SigningKeyRow): void {
  if (readyAt(next) <= ctx.now()) return
  const time = new Date(readyAt(next)).toISOString()
  throw new CommandError(
    `the next ${next.algorithm} key of realm ${ctx.realm.name} is not known for long enough: whoever verifies tokens may have read ` +
      `the keys before it was among them. It is ready at ${time}; --force does not wait for that`,
  )
}

/** Texts that are sealed anew before the bar moves. */
const batchSize = 100

async function reseal(core: Core, command: CliCommand): Promise<void> {
  const realms = everyRealm(core)
  const before = await masterKeyUse(core)
  const waiting = before
    .filter(({ role }) => role === 'previous')
    .reduce((sum, use) => sum + sealedTexts(use), 0)
  const progress = createProgress(command.outside.stderr)
  progress.begin('sealed texts', waiting)
  let resealed = 0
  const unopened = new Set<string>()
  const repeatedly = async (work: () => Promise<Resealed>) => {
    for (let done = batchSize; done === batchSize; ) {
      const result = await work()
      done = result.done
      resealed += done
      for (const text of result.unopened) unopened.add(text)
      progress.update(resealed)
    }
  }
  try {
    for (const ctx of realms) {
      await repeatedly(() => resealRetainedKeys(ctx, retainedKeys(core.db), batchSize))
      await repeatedly(() => resealRealm(ctx, batchSize))
    }
  } finally {
    progress.end()
  }
  const masterKeys = await masterKeyUse(core)
  const left = masterKeys
    .filter(({ role }) => role === 'previous' || role === 'gone')
    .map((use) => ({ id: use.id, sealed: sealedTexts(use) }))
  printResult(command, { resealed, unopened: [...unopened], left }, [
    `${resealed} texts were sealed anew.`,
    ...[...unopened].map((text) => `Cannot be decrypted with any configured master key: ${text}`),
    ...left.map(({ id, sealed }) => `${sealed} are left under ${id}.`),
  ])
}
