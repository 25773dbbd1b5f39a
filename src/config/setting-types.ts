import { z } from 'zod'
import type { DialectPolicy } from '../core/dialect-policy.ts'
import { isAddressOrRange } from '../lib/ip.ts'

/** Said where a section of settings is expected. */
export const section = 'must be a section of settings'

/** A section of settings that may be left out or empty; what it does not name is refused. */
export function optionalSection<Shape extends z.ZodRawShape>(description: string, shape: Shape) {
  return z.strictObject(shape, section).nullish().describe(description)
}

/** Text that is not empty. */
export const text = z
  .string({ error: ({ input }) => `must be text${typeof input === 'number' ? ': put it into quotes' : ''}` })
  .min(1, 'must be text')

const unitSeconds = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }

/** The seconds of a text such as `15m`; `undefined` for any other text. */
function secondsOf(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * unitSeconds[unit as keyof typeof unitSeconds]
}

/** Seconds as the text that an operator would write. */
export function durationText(seconds: number): string {
  const units = Object.entries(unitSeconds).filter(([name]) => name !== 'w')
  const [unit, size] = units.findLast(([, size]) => seconds % size === 0) ?? ['s', 1]
  return `${seconds / size}${unit}`
}

/** A length of time written as `90s`, `15m`, `12h`, `30d` or `4w`, both bounds allowed; read as seconds. */
export function duration({ min, max }: { min: string; max: string }) {
  const message = `must be a time from ${min} to ${max}, written as 90s, 15m, 12h, 30d or 4w`
  const [minSeconds = 0, maxSeconds = 0] = [secondsOf(min), secondsOf(max)]
  return z
    .string(message)
    .regex(/^\d{1,9}[smhdw]$/, message)
    .transform((text) => secondsOf(text) ?? 0)
    .refine((seconds) => seconds >= minSeconds && seconds <= maxSeconds, message)
}

/** An IP address, or a range of them in CIDR notation. */
export const addressOrRange = z
  .string('must be an address or a range such as 10.0.0.0/8')
  .refine(isAddressOrRange, 'must be an address or a range such as 10.0.0.0/8')

/** A day as `2027-03-01`; read as the moment in epoch milliseconds at which it is over in UTC. */
export function day() {
  const message = 'must be a day such as 2027-03-01'
  return z.iso.date(message).transform((text) => Date.parse(`${text}T00:00:00Z`) + 86_400_000)
}

/** A whole number, both bounds allowed; also as text, which is what a variable of the environment is. */
export function wholeNumber({ min, max }: { min: number; max: number }) {
  const message = `must be a whole number from ${min} to ${max}`
  const number = z.int(message).min(min, message).max(max, message)
  const text = z
    .string(message)
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .pipe(number)
  return z.union([number, text], message)
}

/** `true` or `false`; also as text, which is what a variable of the environment is. */
export function yesOrNo() {
  const text = z.enum(['true', 'false']).transform((word) => word === 'true')
  return z.union([z.boolean(), text], 'must be true or false')
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, `must be ${words.length > 1 ? 'one of ' : ''}${words.join(', ')}`)
}

/** A secret under `name`, or the path of a file that holds it, under `name` with `File` behind it. */
export function secretSetting<Name extends string, Schema extends z.ZodType>(
  name: Name,
  schema: Schema,
  description: string,
) {
  const file = z.string('must be the path of a file').min(1, 'must be the path of a file').optional()
  const fields = {
    [name]: schema.optional().describe(description),
    [`${name}File`]: file.describe(`The path of a file that holds \`${name}\`, in its place`),
  }
  return fields as Record<Name, z.ZodOptional<Schema>> & Record<`${Name}File`, typeof file>
}

/** What operators may set of a door with refresh tokens; the defaults are the door's own values. */
export function doorSettings(door: DialectPolicy) {
  const { idleLifetime, absoluteLifetime, maxSessions } = door
  return {
    ...accessSettings(door),
    idleLifetime: duration({ min: '5m', max: '3650d' })
      .optional()
      .describe(`How long a session lives without being used (${durationText(idleLifetime)})`),
    absoluteLifetime: duration({ min: '5m', max: '3650d' })
      .optional()
      .describe(`How long a session lives however much it is used (${durationText(absoluteLifetime)})`),
    maxSessions: wholeNumber({ min: 1, max: 1000 })
      .optional()
      .describe(`How many sessions an account may have here; one more ends the oldest (${maxSessions})`),
  }
}

/** What operators may set of a door's access tokens and reset links; the defaults are the door's own values. */
export function accessSettings({ accessLifetime, resetLifetime }: DialectPolicy) {
  return {
    accessLifetime: duration({ min: '1m', max: '24h' })
      .optional()
      .describe(`How long an access token is good (${durationText(accessLifetime)})`),
    resetLifetime: duration({ min: '5m', max: '24h' })
      .optional()
      .describe(`How long the link of a password reset is good (${durationText(resetLifetime)})`),
  }
}

/** What operators may set of refreshing: one of the `modes` that the dialect's clients can live with. */
export function rotationSetting(
  { rotation }: DialectPolicy,
  modes: readonly [DialectPolicy['rotation'], ...DialectPolicy['rotation'][]],
) {
  return {
    rotation: oneOf(modes).optional().describe(`What refreshing does to the refresh token (${rotation})`),
  }
}

/** The door with every setting that has the name of one of its fields. */
export function applyDoorSettings(
  door: DialectPolicy,
  settings: Readonly<Record<string, unknown>>,
): DialectPolicy {
  const given = Object.entries(settings).filter(([key, value]) => key in door && value !== undefined)
  return { ...door, ...Object.fromEntries(given) }
}
