import type { Client } from '../core/clients/client.ts'
import { buildClient } from './build-realm.ts'
import type { DialectManifest } from './dialect-manifest.ts'
import { clientSection } from './sections/client.ts'
import { type Finding, findingsOf } from './sources/findings.ts'

/** A client as somebody describes it who adds or changes one while servers run. */
export interface GivenClient {
  id: string
  origins?: string[] | undefined
  redirectUris?: string[] | undefined
  frontEndUrl?: string | undefined
  /** Its id when not given. */
  name?: string | undefined
  settings: object
}

/** Holds a client to the rules that the settings file is held to: the client, or everything that is wrong with it. */
export function readClient(
  dialect: DialectManifest,
  { name, ...given }: GivenClient,
  mode: 'development' | 'production',
): { client: Client } | { findings: Finding[] } {
  const brand = name === undefined ? undefined : { name }
  const { data, error } = clientSection(dialect).safeParse({ ...given, kind: 'registered', brand })
  if (!data) return { findings: findingsOf(error.issues) }
  const client = buildClient({ ...data, brand: { name: given.id, ...data.brand } }, dialect, undefined)
  const findings = (mode === 'production' && dialect.findProductionProblems?.(client)) || []
  return findings.length > 0 ? { findings } : { client }
}
