import { z } from 'zod'
import { AuthError } from '../../../core/errors.ts'
import { OperatorError } from '../../../core/operators/operator-error.ts'
import {
  listSettings,
  resetSetting,
  type SettingRefusal,
  type SettingState,
  type SettingsScope,
  setSetting,
} from '../../../core/settings/settings.ts'
import type { Desk } from '../../desk.ts'
import { defineOperation, nothing, reasonField } from '../operation.ts'
import { isoTime } from '../times.ts'

const settingName = z.string().min(1).max(100)

/** What an operator has set, as it is shown. */
export const SetHere = z.object({ value: z.string(), at: z.string(), actor: z.string().nullable() })

const SettingView = z.object({
  name: z.string(),
  description: z.string(),
  default: z.string().nullable(),
  words: z.array(z.string()).nullable().describe('What it may be, where that is one of a few words'),
  setBy: z
    .object({ source: z.string(), value: z.string() })
    .nullable()
    .describe('Where the configuration sets it: then nobody sets it here'),
  setHere: SetHere.nullable().describe(
    'What an operator has set; it holds where the configuration sets nothing',
  ),
})

/** The operations on what may be set of each realm, and those on what may be set of the whole server. */
export const ofRealm = operationsOn('realm', { name: 'realm_settings', of: 'a realm' })
export const ofServer = operationsOn('server', { name: 'settings', of: 'the server' })

function operationsOn(at: SettingsScope, { name, of }: { name: string; of: string }) {
  const shared = { at, path: '/settings/:setting', isDangerous: true } as const
  return {
    list: defineOperation({
      name: `${name}.list`,
      summary: `List what may be set of ${of} while it runs, and who has set it`,
      capability: 'settings.read',
      at,
      method: 'GET',
      path: '/settings',
      input: z.object({}),
      output: z.object({ items: z.array(SettingView) }),
      run: async ({ ctx }) => ({ items: (await listSettings(ctx, at)).map(present) }),
    }),
    set: defineOperation({
      ...shared,
      name: `${name}.set`,
      summary: `Set something of ${of}, written as in the settings file; every node knows it within seconds`,
      capability: 'settings.write',
      method: 'PUT',
      input: z.object({ setting: settingName, value: z.string().max(2048), reason: reasonField }),
      output: nothing,
      run: async ({ ctx }: Desk, { setting, value }) => {
        const refusal = await setSetting(ctx, at, { name: setting, value: value.trim() })
        if (refusal) throw errorOf(refusal)
        return {}
      },
    }),
    reset: defineOperation({
      ...shared,
      name: `${name}.reset`,
      summary: `Have something of ${of} be again what the configuration says`,
      capability: 'settings.write',
      method: 'DELETE',
      input: z.object({ setting: settingName, reason: reasonField }),
      output: nothing,
      run: async ({ ctx }: Desk, { setting }) => {
        if (!(await resetSetting(ctx, at, setting))) throw new OperatorError('not_found')
        return {}
      },
    }),
  }
}

function present(state: SettingState): z.input<typeof SettingView> {
  const { name, description, words, setBy, setHere } = state
  return {
    name,
    description,
    default: state.default ?? null,
    words: words ?? null,
    setBy: setBy ?? null,
    setHere: presentSet(setHere),
  }
}

/** What an operator has set; `null` for nothing. */
export function presentSet(setHere: SettingState['setHere']): z.input<typeof SetHere> | null {
  return setHere ? { value: setHere.value, at: isoTime(setHere.at), actor: setHere.actor ?? null } : null
}

function errorOf(refusal: SettingRefusal): Error {
  if (refusal.why === 'unknown') return new OperatorError('not_found')
  if (refusal.why === 'set_elsewhere')
    return new OperatorError('refused', 'setting_set', { source: refusal.source })
  return new AuthError('validation_failed', {
    issues: [{ field: 'value', message: `It ${refusal.problem}.` }],
  })
}
