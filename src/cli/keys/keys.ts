import * as operations from '../../admin/operations/keys/keys.ts'
import { list as listRealms } from '../../admin/operations/realms/realms.ts'
import type { RealmContext } from '../../core/context.ts'
import { listKeys, nextKeys, readyAt, replaceKeys, rotateKeys } from '../../core/keys/key-rotation.ts'
import { countMasterKeyUse, isRemovable, sealedTexts } from '../../core/keys/master-key-use.ts'
import { type Resealed, resealRealm, resealRetainedKeys } from '../../core/keys/resealing.ts'
import { type Core, everyRealm } from '../../server/core.ts'
import type { SigningKeyRow } from '../../store/schema.ts'
import { retainedKeys } from '../../store/tables/retained-keys.ts'
import { reasonOption } from '../account/reason.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { asCommand } from '../realm.ts'
import { byOperation, refuseOptions } from '../remote/by-operation.ts'
import { eitherWay } from '../remote/either-way.ts'
import type { Remote } from '../remote/remote.ts'
import { printResult } from '../terminal/print.ts'
import { createProgress } from '../terminal/progress.ts'
import { realmNamed, withCore } from '../with-core.ts'
import {
  describeMasterKeys,
  describeSigningKeys,
  presentKey,
  presentKeyView,
  readTime,
  type ShownKey,
  type ShownUse,
} from './text.ts'

/** `keys list | rotate | reseal`: the keys that sign, and the master keys that all others rest on. */
export function defineCommand(keys: CliCommand): void {
  const list = keys
    .command('list')
    .description('list the signing keys, and what still depends on each master key')
    .option('--realm <name>', 'only the signing keys of this realm')
  eitherWay(list, {
    here: (options: { realm?: string }, command: CliCommand) =>
      withCore(command, 'read', (core) => listHere(core, options, command)),
    there: listThere,
  })
  const rotate = keys
    .command('rotate')
    .description('sign with the next signing key of each algorithm from now on')
    .option('--realm <name>', 'only in this realm; needed with --server')
    .option('--force', 'also when it has been published for less than a day')
    .option('--leaked', 'retire all signing keys and make new ones')
    .addOption(reasonOption('needed with --leaked and --server'))
  eitherWay(rotate, {
    here: (options: RotateOptions, command: CliCommand) =>
      withCore(command, 'change', (core) => rotateHere(core, options, command)),
    there: rotateThere,
  })
  keys
    .command('reseal')
    .description('re-encrypt everything under the primary master key, as servers do in the background')
    .action((_options: object, command: CliCommand) =>
      withCore(command, 'change', (core) => reseal(core, command)),
    )
}

function realmsOf(core: Core, name: string | undefined, command: CliCommand): RealmContext[] {
  const realms = name === undefined ? [...core.realms.values()] : [realmNamed(core, name)]
  return realms.map((ctx) => asCommand(command, ctx))
}

async function listHere(core: Core, { realm }: { realm?: string }, command: CliCommand): Promise<void> {
  const realms = await Promise.all(
    realmsOf(core, realm, command).map(async (ctx) => ({
      realm: ctx.realm.name,
      signingKeys: (await listKeys(ctx)).map(presentKey),
    })),
  )
  const masterKeys = (await masterKeyUse(core)).map((use) => ({
    ...use,
    sessionsEndAt: use.sessionsEndAt ?? null,
    isRemovable: isRemovable(use),
  }))
  printKeys(command, realms, masterKeys)
}

/** Of all realms where none is named, as on the node. */
async function listThere(remote: Remote, { realm }: { realm?: string }, command: CliCommand): Promise<void> {
  const known = realm === undefined ? (await remote.perform(listRealms)).items : [{ name: realm }]
  const realms = []
  for (const { name } of known) {
    const { items } = await remote.perform(operations.list, { realm: name })
    realms.push({ realm: name, signingKeys: items.map(presentKeyView).toReversed() })
  }
  const { items } = await remote.perform(operations.listMasterKeys)
  const masterKeys = items.map(({ sealedTexts: _sum, ...use }) => ({
    ...use,
    sessionsEndAt: readTime(use.sessionsEndAt),
  }))
  printKeys(command, realms, masterKeys)
}

function printKeys(
  command: CliCommand,
  realms: { realm: string; signingKeys: ShownKey[] }[],
  masterKeys: ShownUse[],
): void {
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
  reason?: string
}

async function rotateHere(core: Core, options: RotateOptions, command: CliCommand): Promise<void> {
  const realms = realmsOf(core, options.realm, command)
  const turns = await Promise.all(realms.map(async (ctx) => ({ ctx, next: await nextKeys(ctx) })))
  if (!options.force && !options.leaked)
    for (const { ctx, next } of turns) for (const key of next) refuseEarly(ctx, key)
  const rotated: Rotated[] = []
  for (const { ctx, next } of turns) {
    const realm = ctx.realm.name
    const keys = options.leaked ? await replaceKeys(ctx) : await rotateKeys(ctx, next)
    if (!keys) throw new CommandError(`somebody else has just rotated the keys of realm ${realm}`)
    rotated.push(...keys.map(({ id, algorithm }) => ({ realm, key: id, algorithm })))
  }
  printRotated(command, rotated, options)
}

function rotateThere(remote: Remote, options: RotateOptions, command: CliCommand): Promise<void> {
  const operation = options.leaked ? operations.replace : operations.rotate
  const doThere = byOperation(operation, {
    input: ({ realm, ...options }: RotateOptions) => {
      refuseOptions(options, options.leaked ? ['force'] : ['force', 'reason'])
      if (realm === undefined)
        throw new CommandError('a server changes the keys of one realm at a time: name it with --realm')
      return { realm }
    },
    print: (command, { signing }, options) => {
      const { realm = '' } = options
      const rotated = signing.map(({ id: key, algorithm }) => ({ realm, key, algorithm }))
      printRotated(command, rotated, options)
    },
  })
  return doThere(remote, options, command)
}

interface Rotated {
  realm: string
  key: string
  algorithm: string
}

function printRotated(command: CliCommand, rotated: Rotated[], { leaked }: RotateOptions): void {
  printResult(command, { rotated, replaced: leaked === true }, [
    ...rotated.map(
      ({ realm, key, algorithm }) => `${key} (${algorithm}) signs in realm ${realm} from now on.`,
    ),
    leaked
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
