import type { Adapter, AdapterPayload } from 'oidc-provider'
import { limits } from '../../core/limits/limits.ts'
import {
  addArtifact,
  type FoundArtifact,
  findArtifact,
  findArtifactByUid,
  findArtifactByUserCode,
  putArtifact,
  removeArtifact,
  useArtifact,
} from '../../core/openid/artifacts.ts'
import { libraryTime, type Protocol } from '../protocol.ts'

/** For what has no end of its own: as good as for ever. */
const longestSeconds = 10 * 365 * 24 * 60 * 60

/** Kinds that are made in a browser, and belong to its session. */
const ofBrowsers = new Set(['Session', 'AuthorizationCode'])

/** What the library keeps of one kind, sealed and found by hashes. Of two who use one up, the second is refused. */
export function artifactAdapter(protocol: Protocol, kind: string): Adapter {
  const { ctx } = protocol

  return {
    upsert: async (id, payload, expiresIn = longestSeconds) => {
      if (countedKinds.has(kind)) await countByStrangers(protocol, kind, payload)
      await putArtifact(ctx, await artifactOf(protocol, { kind, id, payload, expiresIn }))
    },

    find: async (id) => {
      const found = await findArtifact(ctx, kind, id)
      if (codes.has(kind) && found) return readCode(protocol, found)
      return readPayload(protocol, found)
    },

    findByUid: async (uid) => readPayload(protocol, await findArtifactByUid(ctx, kind, uid)),

    findByUserCode: async (userCode) =>
      readPayload(protocol, await findArtifactByUserCode(ctx, kind, userCode)),

    consume: async (id) => {
      if (!(await useArtifact(ctx, kind, id))) throw protocol.usedUp(kind)
    },

    destroy: (id) => removeArtifact(ctx, kind, id),

    revokeByGrantId: (grantId) => ctx.store.openidArtifacts.removeOf({ grant_id: grantId }, [kind]),
  }
}

/** Remembers what must not be shown twice: of two who do, the second is refused, also in the same moment. */
export function replayAdapter(protocol: Protocol, kind: string): Adapter {
  return {
    ...artifactAdapter(protocol, kind),
    // Of two at once neither finds the other: adding it is what finds out.
    upsert: async (id, payload, expiresIn = longestSeconds) => {
      const artifact = await artifactOf(protocol, { kind, id, payload, expiresIn })
      if (!(await addArtifact(protocol.ctx, artifact))) throw protocol.usedUp(kind)
    },
  }
}

/** Kinds that are made for whoever asks, and kept. */
const countedKinds = new Set([
  'Interaction',
  'Session',
  'PushedAuthorizationRequest',
  'DeviceCode',
  'ClientCredentials',
])

/**
 * Clients that have shown a secret or a key are known, where operators have let them in: they may make as many as they
 * need. Throws `rate_limited`.
 */
async function countByStrangers(protocol: Protocol, kind: string, payload: AdapterPayload): Promise<void> {
  const request = protocol.current()
  if (!request || request.isCounted || !isOfStranger(protocol, kind, payload)) return
  // Not before: what is refused is tried again as the request ends.
  await protocol.ctx.limiter.consume(limits.authorizationsPerIp, request.origin.ip)
  request.isCounted = true
}

function isOfStranger(protocol: Protocol, kind: string, { accountId }: AdapterPayload): boolean {
  if (kind === 'Interaction') return true
  return kind === 'Session' ? accountId === undefined : !protocol.isKnownClient()
}

async function artifactOf(
  { ctx, current }: Protocol,
  { kind, id, payload, expiresIn }: { kind: string; id: string; payload: AdapterPayload; expiresIn: number },
) {
  const browser = ofBrowsers.has(kind) ? await current()?.browser() : undefined
  return {
    kind,
    value: id,
    payload,
    uid: payload.uid,
    userCode: payload.userCode,
    grantId: payload.grantId,
    accountId: payload.accountId,
    sessionId: browser?.session.id,
    expiresAt: ctx.now() + expiresIn * 1000,
  }
}

/** What apps exchange for tokens. */
const codes = new Set(['AuthorizationCode', 'DeviceCode'])
/** How long a code that was used is refused without ending anything: an app that sends it twice at once is no thief. */
const repeatWindowMs = 10_000

/** A code, with the session of the browser that it was made in. */
function readCode(protocol: Protocol, found: FoundArtifact): AdapterPayload | undefined {
  const { consumed_at, session_id } = found.row
  if (consumed_at !== null && protocol.ctx.now() - consumed_at <= repeatWindowMs) return undefined
  const request = protocol.current()
  if (request && session_id !== null) request.codeSessionId = session_id
  return readPayload(protocol, found)
}

/** As the library reads it: whether it was used is what the row says. */
export function readPayload(
  protocol: Protocol,
  found: FoundArtifact | undefined,
): AdapterPayload | undefined {
  if (!found) return undefined
  const { consumed_at } = found.row
  if (consumed_at === null) return found.payload
  return { ...found.payload, consumed: libraryTime(protocol, consumed_at) }
}
