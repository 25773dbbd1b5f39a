import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'
import type { Client } from '../core/clients/client.ts'
import { toAuthError } from '../http/dialect.ts'
import type {
  OpenidPages,
  ProtocolForm,
  ProtocolView,
  RenderedPage,
  UserCodeProblem,
} from '../http/openid-pages.ts'
import { paths } from './paths.ts'
import { clientOf, type Protocol } from './protocol.ts'
import { requestOf } from './requests.ts'

/** How the library answers with pages, which are ours. */
export function pagesOf(protocol: Protocol, pages: OpenidPages) {
  return {
    renderError: async (ctx, { error, error_description: description }, thrown) => {
      // What has failed in the core is not for everybody to read.
      const isOurs = !('error' in thrown)
      const told = isOurs ? failureOf(thrown) : { error, ...(description !== undefined && { description }) }
      const { url: _refused, ...view } = viewOf(protocol, ctx)
      answer(ctx, await pages.failure(view, { ...told, requestId: requestIdOf(ctx) }))
    },
    deviceFlow: {
      enabled: true,
      userCodeInputSource: async (ctx, _form, _out, error) => {
        const view = viewOf(protocol, ctx)
        if (error?.name === 'AbortedError') return answer(ctx, await pages.deviceRefused(view))
        const userCode = (error as { userCode?: string } | undefined)?.userCode
        const problem = error && (codeProblems[error.name] ?? 'unknown')
        const form = { ...formOf(ctx, paths.code_verification), ...(userCode && { userCode }) }
        answer(ctx, await pages.userCode(view, { ...form, ...(problem && { problem }) }))
      },
      userCodeConfirmSource: async (ctx, _form, _client, device, shownCode) => {
        const userCode = String(ctx.oidc.params?.user_code ?? '')
        const form = {
          ...formOf(ctx, paths.code_verification),
          userCode,
          shownCode,
          device: askingDevice(device),
        }
        answer(ctx, await pages.confirmDevice(viewOf(protocol, ctx), form))
      },
      successSource: async (ctx) => answer(ctx, await pages.deviceDone(viewOf(protocol, ctx))),
      deviceInfo: (ctx) => {
        const { ip, userAgent } = requestOf(ctx.req)?.origin ?? {}
        return { ip, ua: userAgent }
      },
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: async (ctx) => {
        const redirectUri = ctx.oidc.session?.state?.postLogoutRedirectUri
        const client = appOf(protocol, ctx)
        const form = { ...formOf(ctx, `${paths.end_session}/confirm`), ...(client && { client }) }
        const to = typeof redirectUri === 'string' && { redirectUri }
        answer(ctx, await pages.logout(viewOf(protocol, ctx), { ...form, ...to }))
      },
      postLogoutSuccessSource: async (ctx) => {
        const client = appOf(protocol, ctx)
        answer(ctx, await pages.loggedOut(viewOf(protocol, ctx), client ? { client } : {}))
      },
    },
  } satisfies Pick<Configuration, 'renderError'> & Configuration['features']
}

const codeProblems: Record<string, UserCodeProblem> = {
  NoCodeError: 'missing',
  NotFoundError: 'unknown',
  ExpiredError: 'expired',
  AlreadyUsedError: 'used',
}

function failureOf(thrown: unknown): { error: string } {
  return { error: toAuthError(thrown).code === 'internal' ? 'server_error' : 'temporarily_unavailable' }
}

function answer(ctx: KoaContextWithOIDC, { headers, html }: RenderedPage): void {
  for (const [name, value] of Object.entries(headers)) ctx.set(name, value)
  ctx.type = 'html'
  ctx.body = html
}

/** The app that a page is about, where one is known. */
function appOf(protocol: Protocol, { oidc }: Partial<KoaContextWithOIDC>): Client | undefined {
  return oidc?.client && clientOf(protocol, oidc.client.clientId)
}

function viewOf(protocol: Protocol, ctx: KoaContextWithOIDC): ProtocolView {
  const client = appOf(protocol, ctx)
  return {
    language: requestOf(ctx.req)?.origin.language ?? 'en',
    ...(client && { brand: client.brand }),
    ...(ctx.method === 'GET' && { url: ctx.url }),
  }
}

function formOf({ oidc }: KoaContextWithOIDC, action: string): ProtocolForm {
  return { action, xsrf: String(oidc.session?.state?.secret ?? '') }
}

function requestIdOf(ctx: KoaContextWithOIDC): string {
  return requestOf(ctx.req)?.origin.requestId ?? ''
}

function askingDevice({ ip, ua }: Record<string, unknown>) {
  return { ...(typeof ip === 'string' && { ip }), ...(typeof ua === 'string' && { userAgent: ua }) }
}
