import { z } from 'zod'
import { isDecodable } from '../../lib/unreadable-url.ts'

/** Where spans go and which are kept, in the words of OpenTelemetry's own variables. */
export interface TracesConfig {
  /** Takes OTLP over HTTP, in protobuf. */
  url: string
  headers: Record<string, string>
  /** Attributes of the resource; `service.name` is among them. */
  resource: Record<string, string>
  sampler: (typeof samplers)[number]
  /** Of the samplers by ratio: the part that is kept, from 0 to 1. */
  ratio: number
  /** How long spans are gathered before they are sent. */
  delayMs: number
  /** How long sending may take. */
  timeoutMs: number
}

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

const ourProtocol = 'http/protobuf'

const url = z.url({ protocol: /^https?$/, error: 'must be a URL such as http://localhost:4318' }).optional()
const text = z.string().optional()
const [notRatio, notTime] = ['must be a number from 0 to 1', 'must be a number of milliseconds']
const ratio = z.coerce.number(notRatio).min(0, notRatio).max(1, notRatio)
const milliseconds = z.coerce.number(notTime).int(notTime).min(1, notTime)

/** By variables of the environment alone; OpenTelemetry's packages read further ones by themselves. */
export const tracesOfVariables = z.object({
  OTEL_SDK_DISABLED: text,
  OTEL_TRACES_EXPORTER: text,
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url,
  OTEL_EXPORTER_OTLP_PROTOCOL: text,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: text,
  OTEL_EXPORTER_OTLP_HEADERS: text,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: text,
  OTEL_EXPORTER_OTLP_TIMEOUT: milliseconds.optional(),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: milliseconds.optional(),
  OTEL_SERVICE_NAME: text,
  OTEL_RESOURCE_ATTRIBUTES: text,
  OTEL_TRACES_SAMPLER: z.enum(samplers, `must be one of ${samplers.join(', ')}`).optional(),
  OTEL_TRACES_SAMPLER_ARG: ratio.optional(),
  OTEL_BSP_SCHEDULE_DELAY: milliseconds.optional(),
})

export const tracesVariables = Object.keys(tracesOfVariables.shape)

/** What the variables ask for; `undefined` without a collector, when switched off, or for another protocol. */
export function readTraces(env: z.output<typeof tracesOfVariables>): TracesConfig | undefined {
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT
  const url = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && `${base.replace(/\/+$/, '')}/v1/traces`)
  const isOff = env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none'
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL ?? ourProtocol
  if (!url || isOff || protocol !== ourProtocol) return undefined
  return {
    url,
    headers: readPairs(env.OTEL_EXPORTER_OTLP_TRACES_HEADERS ?? env.OTEL_EXPORTER_OTLP_HEADERS),
    resource: {
      'service.name': 'manydoors',
      ...readPairs(env.OTEL_RESOURCE_ATTRIBUTES),
      ...(env.OTEL_SERVICE_NAME && { 'service.name': env.OTEL_SERVICE_NAME }),
    },
    sampler: env.OTEL_TRACES_SAMPLER ?? 'parentbased_always_on',
    ratio: env.OTEL_TRACES_SAMPLER_ARG ?? 1,
    delayMs: env.OTEL_BSP_SCHEDULE_DELAY ?? 5_000,
    timeoutMs: env.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? env.OTEL_EXPORTER_OTLP_TIMEOUT ?? 10_000,
  }
}

/** `key=value` with commas between, percent-encoded (W3C Baggage, as the specification has it). */
function readPairs(text = ''): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const [key = '', ...rest] = pair.split('=')
    const value = rest.join('=').trim()
    return key.trim() && value ? [[decode(key.trim()), decode(value)]] : []
  })
  return Object.fromEntries(pairs)
}

function decode(text: string): string {
  return isDecodable(text) ? decodeURIComponent(text) : text
}
