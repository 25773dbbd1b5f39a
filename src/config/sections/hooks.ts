import { z } from 'zod'
import { claimName, maxClaimNameLength } from '../../core/hooks/claims.ts'
import type { HookSettings, RealmHooks } from '../../core/hooks/settings.ts'
import { readWebhookSecret } from '../../lib/standard-webhooks.ts'
import { originFault } from '../../upstream/origin.ts'
import { oneOf, optionalSection, secretSetting, section, wholeNumber, yesOrNo } from '../setting-types.ts'
import { webAddress } from '../web-addresses.ts'

const claimRule = `must be a claim's name: a URL such as https://example.com/plan, of at most ${maxClaimNameLength} characters`
const secretRule =
  'must be `whsec_` and 24 to 64 bytes in Base64: printf "whsec_%s\\n" "$(openssl rand -base64 32)"'

const shared = {
  url: webAddress.describe('Where it is asked: https, or http on this machine itself'),
  ...secretSetting(
    'secret',
    z.string(secretRule).refine((text) => readWebhookSecret(text) !== undefined, secretRule),
    'What requests are signed with, in the form of Standard Webhooks (whsec_…)',
  ),
  timeoutMs: wholeNumber({ min: 100, max: 5000 })
    .optional()
    .describe('How many milliseconds it may take to answer (2000)'),
  onFailure: oneOf(['refuse', 'allow'])
    .optional()
    .describe('What happens where it does not answer: nobody gets in, or everybody as without it (refuse)'),
  allowPrivateAddresses: yesOrNo().optional().describe('Whether it may be in a private network (false)'),
}

const claims = z
  .array(z.string(claimRule).max(maxClaimNameLength, claimRule).regex(claimName, claimRule), 'must be a list')
  .max(20, 'must be at most twenty')
  .optional()
  .describe('The names of the claims that it may have tokens say: URLs (none)')

interface HookSection extends z.output<z.ZodObject<typeof shared>> {
  claims?: string[] | undefined
}

function refuseFaults(
  { url, secret, allowPrivateAddresses = false }: HookSection,
  ctx: z.RefinementCtx,
): void {
  const refuse = (name: string, message: string) =>
    ctx.addIssue({ code: 'custom', path: [name], message, input: url })
  if (secret === undefined) refuse('secret', 'is missing')
  const { origin, hash } = new URL(url)
  const fault = originFault(origin, { allowPrivate: allowPrivateAddresses })
  if (fault !== undefined) refuse('url', fault)
  if (hash !== '') refuse('url', 'must have no fragment')
}

const beforeSignUp = z
  .strictObject(shared, section)
  .superRefine(refuseFaults)
  .nullish()
  .describe('Asked before an account is opened')
const beforeSignIn = z
  .strictObject({ ...shared, claims }, section)
  .superRefine(refuseFaults)
  .nullish()
  .describe('Asked before a session is opened for somebody who has shown who they are')

/** `hooks` of a realm: who decides, beside this server, who gets in. */
export const hooksSection = optionalSection(
  'Services of your own that are asked before people sign up and in: docs/hooks.md',
  { beforeSignUp, beforeSignIn },
)

/** The hooks of a realm with what is not set. */
export function buildHooks(given: z.output<typeof hooksSection>): RealmHooks {
  const { beforeSignUp, beforeSignIn } = given ?? {}
  return {
    ...(beforeSignUp && { beforeSignUp: buildHook(beforeSignUp) }),
    ...(beforeSignIn && { beforeSignIn: buildHook(beforeSignIn) }),
  }
}

function buildHook({ url, secret = '', ...given }: HookSection): HookSettings {
  const { timeoutMs = 2_000, onFailure = 'refuse', allowPrivateAddresses = false, claims = [] } = given
  return { url, secret, timeoutMs, onFailure, allowPrivateAddresses, claims }
}
