import type { SettingRow } from '../../store/schema.ts'
import { recordEvent } from '../audit/audit.ts'
import { reloadClients } from '../clients/admin.ts'
import { type AnyContext, type RealmContext, stopClock, transaction } from '../context.ts'
import type { Settable, SettingsHolder } from './settable.ts'

/** A settable setting, and what an operator has set. */
export interface SettingState extends Omit<Settable, 'read'> {
  /** As it was typed. It does not hold where the configuration sets it, too. */
  setHere?: { value: string; at: number; actor?: string }
}

/** Of a realm, or of the whole server. */
export type SettingsScope = 'realm' | 'server'

/** Why nothing was set: there is no such setting, the configuration sets it, or the value is not one. */
export type SettingRefusal =
  | { why: 'unknown' }
  | { why: 'set_elsewhere'; source: string }
  | { why: 'invalid'; problem: string }

/** Every setting that may be set here, in the order of the settings file, with who has set it. */
export async function listSettings(ctx: RealmContext, scope: SettingsScope): Promise<SettingState[]> {
  const rows = await storeOf(ctx, scope).list()
  return holderOf(ctx, scope)
    .settable()
    .map(({ read: _read, ...setting }) => {
      const row = rows.find(({ name }) => name === setting.name)
      if (!row) return setting
      const { set_at: at, actor } = row
      const value = String(JSON.parse(row.value))
      return { ...setting, setHere: { value, at, ...(actor !== null && { actor }) } }
    })
}

/**
 * Has a setting be what an operator wants: here at once, and at every other node within seconds. Returns why not, where it
 * was refused.
 */
export async function setSetting(
  ctx: AnyContext,
  scope: SettingsScope,
  { name, value }: { name: string; value: string },
): Promise<SettingRefusal | undefined> {
  const setting = holderOf(ctx, scope)
    .settable()
    .find((setting) => setting.name === name)
  if (!setting) return { why: 'unknown' }
  if (setting.setBy) return { why: 'set_elsewhere', source: setting.setBy.source }
  const { problem } = setting.read(value)
  if (problem !== undefined) return { why: 'invalid', problem }
  await transaction(stopClock(ctx), async (ctx) => {
    const row = { name, value: JSON.stringify(value), set_at: ctx.now(), actor: ctx.actor ?? null }
    await storeOf(ctx, scope).put(row)
    await recordEvent(ctx, 'settings.changed', { detail: `set ${name}` })
  })
  await reload(ctx, scope)
  return undefined
}

/** Has a setting be again what the configuration says. Returns whether an operator had set it. */
export async function resetSetting(ctx: AnyContext, scope: SettingsScope, name: string): Promise<boolean> {
  const wasSet = await transaction(ctx, async (ctx) => {
    if (!(await storeOf(ctx, scope).remove(name))) return false
    await recordEvent(ctx, 'settings.changed', { detail: `reset ${name}` })
    return true
  })
  if (wasSet) await reload(ctx, scope)
  return wasSet
}

async function reload(ctx: RealmContext, scope: SettingsScope): Promise<void> {
  applySettings(holderOf(ctx, scope), await storeOf(ctx, scope).list())
  if (scope === 'realm') await reloadClients(ctx)
}

/** Has what is stored hold, but for what the configuration sets and what cannot be read as today's rules want it. */
export function applySettings({ settable, apply }: SettingsHolder, rows: SettingRow[]): void {
  const values = new Map<string, unknown>()
  for (const { name, value } of rows) {
    const setting = settable().find((setting) => setting.name === name)
    if (!setting || setting.setBy) continue
    const reading = setting.read(JSON.parse(value))
    if (reading.problem === undefined) values.set(name, reading.value)
  }
  apply(values)
}

function holderOf({ settings }: RealmContext, scope: SettingsScope): SettingsHolder {
  return settings[scope]
}

function storeOf({ store }: RealmContext, scope: SettingsScope) {
  return scope === 'realm' ? store.settings : store.serverSettings
}
