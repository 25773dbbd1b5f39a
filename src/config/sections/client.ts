import { z } from 'zod'
import type { Client } from '../../core/clients/client.ts'
import type { DialectManifest } from '../dialect-manifest.ts'
import { oneOf, section, text } from '../setting-types.ts'
import type { Finding } from '../sources/findings.ts'
import { origin, redirectUri as plainRedirectUri, webAddress } from '../web-addresses.ts'
import { brand } from './brand.ts'

/** A client of that dialect, as an operator describes it. */
export function clientSection(dialect: DialectManifest) {
  const { clientSettings, redirectUri = plainRedirectUri } = dialect
  const client = z.strictObject(
    {
      id: text
        .max(100, 'must be at most 100 characters')
        .optional()
        .describe('What the app calls itself; the default client of the dialect when there is none'),
      kind: oneOf(['default', 'registered'])
        .optional()
        .describe('`default` stands for every app that does not name itself'),
      origins: z
        .array(origin, 'must be a list of origins')
        .optional()
        .describe('Origins of browsers and WebViews that may call the API, compared exactly'),
      redirectUris: z
        .array(redirectUri, 'must be a list of addresses')
        .optional()
        .describe('Where a person may be sent with a ticket, compared exactly'),
      frontEndUrl: webAddress
        .optional()
        .describe("Base of the app's own pages, to which mails lead; else the hosted pages serve"),
      brand: brand.describe('How mails and pages present the app'),
      settings: clientSettings.nullish().describe('What else the dialect knows of a client'),
    },
    section,
  )
  return client.superRefine((given, context) => {
    for (const { path, problem } of findProblems(given, dialect))
      context.addIssue({ code: 'custom', path, message: problem })
  })
}

type Given = Partial<Pick<Client, 'redirectUris'>> & { id?: string; kind?: string; settings?: object | null }

function findProblems({ id, kind, redirectUris = [], settings }: Given, dialect: DialectManifest): Finding[] {
  const found = dialect.findClientProblems?.({ redirectUris, settings: { ...settings } }) ?? []
  if (dialect.clients.length > 0) return found
  return [
    ...(id === undefined ? [{ path: ['id'], problem: 'is missing' }] : []),
    ...(kind === 'default'
      ? [{ path: ['kind'], problem: 'must be registered: every app has an id here' }]
      : []),
    ...found,
  ]
}

export type ClientSection = z.output<ReturnType<typeof clientSection>>
