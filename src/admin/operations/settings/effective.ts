import { z } from 'zod'
import { listSettings, type SettingState } from '../../../core/settings/settings.ts'
import type { Desk } from '../../desk.ts'
import type { DescribedSetting } from '../../settings.ts'
import { defineOperation, nextField } from '../operation.ts'
import { presentSet, SetHere } from './settable.ts'

const EffectiveView = z.object({
  name: z.string(),
  description: z.string().nullable(),
  value: z
    .union([z.string(), z.number(), z.boolean(), z.array(z.string())])
    .nullable()
    .describe('As it was written; null for secrets and for what nobody has set'),
  default: z.string().nullable().describe('In words, what holds where nobody has set it'),
  isSecret: z.boolean(),
  isSet: z.boolean(),
  source: z.string().nullable().describe('The line of the file or the variable; null for a default'),
  setHere: SetHere.nullable().describe('What an operator has set, where the configuration sets nothing'),
})

export const effective = defineOperation({
  name: 'configuration.list',
  summary: 'List every setting with what is in force and where that comes from; secrets are set or not',
  capability: 'settings.read',
  at: 'server',
  method: 'GET',
  path: '/configuration',
  input: z.object({
    q: z.string().max(100).optional().describe('A part of the name'),
    show: z.enum(['set', 'all']).default('set').describe('Only what somebody has set, or everything'),
    after: z.string().max(200).optional().describe('The name that the last page ended with'),
    most: z.coerce.number().int().min(1).max(500).default(100),
  }),
  output: z.object({ items: z.array(EffectiveView), next: nextField }),
  run: async ({ means }, { q, show, after, most }) => {
    const here = await setByOperators(means)
    const found = means
      .describeSettings()
      .filter(({ name }) => q === undefined || name.toLowerCase().includes(q.toLowerCase()))
      .filter(({ name, isSet }) => show === 'all' || isSet || here.has(name))
    const begin = after === undefined ? 0 : found.findIndex(({ name }) => name === after) + 1
    const page = found.slice(begin, begin + most)
    const isMore = found.length > begin + most
    return {
      items: page.map((setting) => present(setting, here.get(setting.name))),
      next: isMore ? (page.at(-1)?.name ?? null) : null,
    }
  },
})

/** What operators have set that holds, by the names that the configuration has for it. */
async function setByOperators({ realms, operators }: Desk['means']): Promise<Map<string, SettingState>> {
  const ofRealms = [...realms.values()].map(async (ctx) =>
    (await listSettings(ctx, 'realm')).map(
      (setting) => [`realms.${ctx.realm.name}.${setting.name}`, setting] as const,
    ),
  )
  const ofServer = (await listSettings(operators, 'server')).map(
    (setting) => [setting.name, setting] as const,
  )
  const all = [...ofServer, ...(await Promise.all(ofRealms)).flat()]
  return new Map(all.filter(([, { setHere, setBy }]) => setHere && !setBy))
}

function present(setting: DescribedSetting, here: SettingState | undefined): z.input<typeof EffectiveView> {
  const { name, description, value, isSecret, isSet, source } = setting
  return {
    name,
    description: description ?? null,
    value: value ?? null,
    default: setting.default ?? null,
    isSecret,
    isSet,
    source: source ?? null,
    setHere: presentSet(here?.setHere),
  }
}
