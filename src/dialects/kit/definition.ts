import { z } from 'zod'
import { type DialectManifest, definedDialects, kitVersion } from '../../config/dialect-manifest.ts'
import type { Client } from '../../core/clients/client.ts'
import type { AuthError, ErrorCode } from '../../core/errors.ts'
import {
  type Dialect,
  defineDialect as define,
  type RefusedRequest,
  type WireError,
} from '../../http/dialect.ts'

interface DialectDefinition<Row, Settings extends z.ZodObject>
  extends Pick<
    Dialect<z.output<Settings>>,
    | 'door'
    | 'prefixes'
    | 'clients'
    | 'clientIds'
    | 'doorFor'
    | 'routes'
    | 'shadow'
    | 'describe'
    | 'upstream'
    | 'upstreamOptions'
    | 'oldTokens'
    | 'redirectUri'
    | 'findClientProblems'
    | 'findProductionProblems'
    | 'isOpenToNewcomers'
    | 'exposedHeaders'
  > {
  /** The version of this interface that the dialect is written against. */
  kit: typeof kitVersion
  settings: Settings
  /** None when not given. */
  clientSettings?: z.ZodObject
  /** As `clients` when not given. */
  demoClients?: Client[]
  errors: Record<ErrorCode, Row>
  /** `request` is nothing where it could not be read. */
  render: (row: Row, error: AuthError, request: RefusedRequest) => WireError
}

/** A dialect, for the default export of a module that the settings file names. Throws for one that could not be served. */
export function defineDialect<Row, Settings extends z.ZodObject>(
  dialect: DialectDefinition<Row, Settings>,
): Dialect<z.output<Settings>> & { kit: number } {
  const { kit, clientSettings = z.strictObject({}), demoClients = dialect.clients, ...rest } = dialect
  const defined = { kit, ...define({ ...rest, clientSettings, demoClients, variables: {} }) }
  // One of another version is refused by whoever loads it, and may look otherwise.
  const fault = kit === kitVersion ? faultOf(defined) : undefined
  if (fault !== undefined) throw new Error(fault)
  definedDialects.add(defined)
  return defined
}

/** Empty, where the paths of a door begin with nothing in common. */
const prefixPattern = /^(\/[\w.~-]+)*$/

/** The section of every door has these, and its name is no setting. */
const takenSettings = ['enabled', 'password', 'clients', 'dialect', 'switching']

function faultOf({ door: { dialect }, prefixes, settings, ...known }: DialectManifest): string | undefined {
  if (prefixes.length === 0 || !prefixes.every((prefix) => prefixPattern.test(prefix)))
    return 'prefixes must be paths such as /acme, without a slash at the end'
  if (prefixes.some((prefix) => /^\/ui(?:\/|$)/.test(prefix)))
    return 'prefixes cannot be below /ui, where the pages for people are'
  const taken = takenSettings.find((name) => name in settings.shape)
  if (taken !== undefined) return `settings cannot have one called ${taken}`
  for (const clients of [known.clients, known.demoClients]) {
    const isOwn = clients.every((client) => client.dialect === dialect)
    if (!isOwn || clients.filter(({ kind }) => kind === 'default').length !== 1)
      return `clients must be of the dialect ${dialect}, and one of them of kind default`
  }
  return undefined
}
