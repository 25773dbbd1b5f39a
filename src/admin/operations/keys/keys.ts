import { z } from 'zod'
import type { RealmContext } from '../../../core/context.ts'
import {
  type ListedKey,
  listKeys,
  nextKeys,
  readyAt,
  replaceKeys,
  rotateKeys,
} from '../../../core/keys/key-rotation.ts'
import { isRemovable, type MasterKeyUse, sealedTexts } from '../../../core/keys/master-key-use.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import type { SigningKeyRow } from '../../../store/schema.ts'
import { defineOperation, reasonField } from '../operation.ts'
import { isoTime, isoTimeOrNull } from '../times.ts'

const KeyView = z.object({
  id: z.string().describe('The `kid` of what it signs'),
  algorithm: z.string(),
  state: z.enum(['next', 'current', 'previous', 'retired']),
  createdAt: z.string(),
  activatedAt: z.string().nullable(),
  retiredAt: z.string().nullable(),
  readyAt: z
    .string()
    .nullable()
    .describe('Of the next one: from when on it may sign, as verifiers know it by then'),
})

const SigningView = z.object({ id: z.string(), algorithm: z.string() })

function present({ key, state }: ListedKey): z.input<typeof KeyView> {
  return {
    id: key.id,
    algorithm: key.algorithm,
    state,
    createdAt: isoTime(key.created_at),
    activatedAt: isoTimeOrNull(key.activated_at),
    retiredAt: isoTimeOrNull(key.retired_at),
    readyAt: state === 'next' ? isoTime(readyAt(key)) : null,
  }
}

function presentSigning({ id, algorithm }: SigningKeyRow): z.input<typeof SigningView> {
  return { id, algorithm }
}

export const list = defineOperation({
  name: 'keys.list',
  summary: 'List the keys that sign the tokens of a realm',
  capability: 'keys.read',
  at: 'realm',
  method: 'GET',
  path: '/keys',
  input: z.object({}),
  output: z.object({ items: z.array(KeyView) }),
  run: async ({ ctx }) => ({ items: (await listKeys(ctx)).map(present).toReversed() }),
})

export const rotate = defineOperation({
  name: 'keys.rotate',
  summary: 'Sign with the next keys from now on; what the ones before have signed stays good',
  capability: 'keys.rotate',
  at: 'realm',
  method: 'POST',
  path: '/keys/rotate',
  input: z.object({}),
  output: z.object({ signing: z.array(SigningView) }),
  run: async ({ ctx }) => {
    const next = await nextKeys(ctx)
    for (const key of next) refuseEarly(ctx, key)
    const signing = await rotateKeys(ctx, next)
    if (!signing) throw new OperatorError('conflict')
    return { signing: signing.map(presentSigning) }
  },
})

/** Whoever verifies tokens may have read the keys before this one was among them. */
function refuseEarly({ now }: RealmContext, key: SigningKeyRow): void {
  const at = readyAt(key)
  if (at <= now()) return
  throw new OperatorError('refused', 'key_too_new', { algorithm: key.algorithm, time: isoTime(at) })
}

export const replace = defineOperation({
  name: 'keys.replace',
  summary: 'Retire every key of a realm at once and sign with new ones: all access tokens are refused',
  capability: 'keys.replace',
  at: 'realm',
  method: 'POST',
  path: '/keys/replace',
  isDangerous: true,
  input: z.object({ reason: reasonField }),
  output: z.object({ signing: z.array(SigningView) }),
  run: async ({ ctx }) => {
    const signing = await replaceKeys(ctx)
    if (!signing) throw new OperatorError('conflict')
    return { signing: signing.map(presentSigning) }
  },
})

const MasterKeyView = z.object({
  id: z.string().describe('Names the key and tells nothing of it'),
  role: z.enum(['primary', 'next', 'previous', 'gone']),
  sealedTexts: z.int().describe('What nobody can open without it: all of the following six'),
  signingKeys: z.int(),
  authenticators: z.int(),
  hashSecrets: z.int(),
  lastingKeys: z.int(),
  openidArtifacts: z.int(),
  webhookSecrets: z.int(),
  recoveryCodes: z.int(),
  sessions: z.int().describe('Live ones that end with it'),
  sessionsEndAt: z.string().nullable(),
  isRemovable: z.boolean().describe('It can be taken out of the settings, and nobody is signed out'),
})

function presentUse(use: MasterKeyUse): z.input<typeof MasterKeyView> {
  return {
    ...use,
    sealedTexts: sealedTexts(use),
    sessionsEndAt: isoTimeOrNull(use.sessionsEndAt),
    isRemovable: isRemovable(use),
  }
}

export const listMasterKeys = defineOperation({
  name: 'keys.list_master',
  summary: 'Count what rests on each master key, which reads every live session',
  capability: 'keys.read',
  at: 'server',
  method: 'GET',
  path: '/master-keys',
  input: z.object({}),
  output: z.object({ items: z.array(MasterKeyView) }),
  run: async ({ means }) => ({ items: (await means.masterKeyUse()).map(presentUse) }),
})

export const keyOperations = [list, rotate, replace, listMasterKeys]
