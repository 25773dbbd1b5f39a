import type { RealmContext } from '../../core/context.ts'
import { openidDoor } from '../../core/openid/door.ts'
import { readUserAgent } from '../../http/device.ts'
import type { AskingDevice, OpenidPages, ProtocolView, UserCodeProblem } from '../../http/openid-pages.ts'
import { deviceText } from '../account/device-text.ts'
import type { PageSettings, RenderPage } from '../render.ts'
import type { PageName } from '../samples.ts'
import { formTargetOf } from '../sign-in/visit.ts'
import { type Texts, textsIn } from '../texts.ts'
import { readBack } from '../way-back.ts'

const codeProblems: Record<UserCodeProblem, keyof Texts> = {
  missing: 'deviceCodeMissing',
  unknown: 'deviceCodeUnknown',
  expired: 'deviceCodeExpired',
  used: 'deviceCodeUsed',
}

/** What is said of errors of the protocol; of any other, that the request could not be read. */
const failures: Record<string, keyof Texts> = {
  access_denied: 'failureSignInExpired',
  invalid_client: 'failureRedirect',
  invalid_redirect_uri: 'failureRedirect',
  server_error: 'failureInternal',
  temporarily_unavailable: 'failureUnavailable',
}

/** The pages of the protocol in the look of all others. */
export function protocolPages(render: RenderPage, { realm }: Pick<RealmContext, 'realm'>): OpenidPages {
  const show = (
    template: PageName,
    { language, brand, url }: ProtocolView,
    data: object,
    settings?: PageSettings,
  ) => {
    const back = url === undefined ? undefined : readBack(url)
    return render({ language, back }, template, { ...data }, { brand, ...settings })
  }
  const toAccount = (text: string) => (realm.accountPage ? { href: '/ui/account', text } : undefined)

  return {
    userCode: (view, { action, xsrf, userCode, problem }) => {
      const said = problem && textsIn(view.language)[codeProblems[problem]]
      return show('device', view, { action, xsrf, userCode, problem: said })
    },
    confirmDevice: (view, { action, xsrf, userCode, shownCode, device }) =>
      show('device-confirm', view, {
        ...{ action, xsrf, userCode, shownCode },
        brand: view.brand?.name,
        ...presentDevice(device, textsIn(view.language)),
      }),
    deviceDone: (view) => show('device-done', view, { brand: view.brand?.name, isRefused: false }),
    deviceRefused: (view) => show('device-done', view, { brand: view.brand?.name, isRefused: true }),
    logout: (view, { action, xsrf, client, redirectUri }) => {
      const formTarget =
        redirectUri === undefined ? undefined : formTargetOf({ redirectUri, dialect: openidDoor.dialect })
      return show('logout', view, { action, xsrf, brand: client?.brand.name }, { formTarget })
    },
    loggedOut: (view, { client }) =>
      show('logged-out', view, {
        brand: client?.brand.name,
        appUrl: client?.frontEndUrl,
        next: toAccount(textsIn(view.language).toAccount),
      }),
    failure: (view, { error, description, requestId }) => {
      const texts = textsIn(view.language)
      const detail = description === undefined ? error : `${error}: ${description}`
      const text = texts[failures[error] ?? 'failureBadRequest']
      // What was asked for may hold the address of another site, and would be refused again.
      return show(
        'failure',
        { ...view, url: undefined },
        { text, detail, next: toAccount(texts.toAccount), requestId },
      )
    },
  }
}

function presentDevice({ ip, userAgent }: AskingDevice, texts: Texts): { device?: string; ip?: string } {
  const { browser, os } = readUserAgent(userAgent) ?? {}
  return { ip, ...((browser || os) && { device: deviceText({ browser, os }, texts) }) }
}
