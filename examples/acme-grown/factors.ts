import {
  type App,
  challengeFactor,
  changeProfile,
  enrolFactor,
  type Factor,
  lineField,
  listFactors,
  profileText,
  requireCaller,
  requiredText,
  requireSecondFactor,
  verifyFactor,
  z,
} from 'manydoors/dialect'
import { presentTokens } from './present.ts'

const line = lineField({ min: 1, max: 50, message: 'This field must be a line.' })
const ById = z.object({ id: z.string() })
const Named = z.object({ name: line })
const Code = z.object({ code: requiredText({ missing: 'A code is needed.', notText: 'It must be text.' }) })
const Profile = z.object({ nickname: line })

/** Authenticators of callers, and what is open to those alone whose session has shown one where there is one. */
export function factorRoutes(app: App): void {
  app.register(async (scope: App) => {
    requireCaller(scope)
    scope.get('/acme/factors', async ({ ctx, caller }) => ({
      factors: (await listFactors(ctx, caller.account.id)).map(presentFactor),
    }))
    scope.post('/acme/factors', { schema: { body: Named } }, async ({ ctx, caller, body }, reply) =>
      reply.code(201).send(await enrolFactor(ctx, caller, body)),
    )
    const schema = { params: ById, body: Code }
    scope.post('/acme/factors/:id/shown', { schema }, async ({ ctx, caller, params, body: { code } }) => {
      const { id: challengeId } = await challengeFactor(ctx, caller, params.id)
      const shown = await verifyFactor(ctx, caller, { factorId: params.id, challengeId, code })
      return presentTokens(shown.tokens)
    })
    scope.register(async (scope: App) => {
      requireSecondFactor(scope)
      scope.put('/acme/me', { schema: { body: Profile } }, async ({ ctx, caller, body }) => {
        const account = await changeProfile(ctx, caller, body)
        return { nickname: profileText(account, 'nickname') }
      })
    })
  })
}

function presentFactor({ id, name, confirmedAt }: Factor) {
  return { id, name, isConfirmed: confirmedAt !== null }
}
