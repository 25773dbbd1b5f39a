import type { Page } from 'playwright-core'
import { execute } from '../harness/database.ts'
import { minbil, register } from '../harness/doors.ts'
import type { TestServer } from '../harness/harness.ts'
import { invite, operatorOf } from './operator.ts'
import { programOf } from './programs.ts'

/** A page of the console. */
export interface ConsolePage {
  path: string
  /** What its form is filled in with and sent, by the names of the fields; of boxes and radios, the first is chosen. */
  sends?: Record<string, string>
  /** Whether the form cannot be taken then, and the page says so. */
  isWrong?: true
}

/** Fills in the form of a page and sends it, where that is to be done. */
export async function sendForm(page: Page, { sends }: ConsolePage): Promise<void> {
  if (!sends) return
  for (const [name, value] of Object.entries(sends)) {
    const field = page.locator(`main form [name="${name}"]`).first()
    if (/^(checkbox|radio)$/.test((await field.getAttribute('type')) ?? '')) await field.check()
    else await field.fill(value)
  }
  await page.locator('main form [type=submit]').last().click()
  await page.waitForLoadState()
}

/** What a console is shown with: clients of the file, an account, an endpoint with a delivery, a token. */
export interface SeededConsole {
  /** The `Cookie` header of an owner who has shown just now who they are. */
  cookie: string
  /** By what is on them. */
  pages: Record<string, ConsolePage>
}

const clients = [{ id: 'shop', redirectUris: ['https://shop.example/cb'], origins: ['https://shop.example'] }]

/** Settings of a server whose console is to be shown. */
export const consoleSettings = JSON.stringify({ realms: { main: { openid: { clients } } } })

/** Fills a server with what each page of the console needs to have something to show. */
export async function seedConsole(
  server: TestServer,
  person = { email: 'kari@example.com', password: 'StrongPass123!' },
): Promise<SeededConsole> {
  const owner = await operatorOf(server)
  const { ask } = await programOf(server)
  const { body } = await ask('GET', '/operators')
  const support = await operatorOf(server, 'support')
  const operator = (await ask('GET', '/operators')).body.items.find(
    ({ email }: { email: string }) => email === support.email,
  )
  const reason = 'For a picture'
  const other = { dialect: 'openid', id: 'other', redirectUris: ['https://other.example/cb'] }
  await ask('POST', '/realms/main/clients', { json: other })
  await register(server, person)
  await minbil.signIn(server, person)
  const account = (await ask('GET', `/realms/main/accounts?q=${encodeURIComponent(person.email)}`)).body
    .items[0]
  const endpoint = { url: 'https://app.example.com/webhooks', types: ['session.*'], reason }
  const webhook = (await ask('POST', '/realms/main/webhooks', { json: endpoint })).body.webhook
  const { delivery } = (await ask('POST', `/realms/main/webhooks/${webhook.id}/test`)).body
  await giveUpMessage(server)
  await giveAuthenticators(server, account.id)
  const token = body.items.length > 0 ? (await ask('GET', '/tokens')).body.items[0] : undefined
  const invitation = await invite(server, 'grace@example.com', ['--role', 'support'])
  return {
    cookie: [...owner.browser.cookies].map((pair) => pair.join('=')).join('; '),
    pages: pagesOf({
      account: account.id,
      webhook: webhook.id,
      delivery,
      operator: operator.id,
      token: token.id,
      invitation,
    }),
  }
}

const realm = '/admin/realms/main'

function pagesOf(
  ids: Record<'account' | 'webhook' | 'delivery' | 'operator' | 'token' | 'invitation', string>,
): Record<string, ConsolePage> {
  const reason = 'For a picture'
  return {
    'the overview': { path: '/admin' },
    'the overview of a realm': { path: realm },
    'the accounts': { path: `${realm}/accounts` },
    'a new account': { path: `${realm}/accounts/new` },
    'an account': { path: `${realm}/accounts/${ids.account}` },
    'the end of an account': {
      path: `${realm}/accounts/${ids.account}/disable`,
      sends: { reason: ' ' },
      isWrong: true,
    },
    'the end of an authenticator': {
      path: `${realm}/accounts/${ids.account}/authenticators/${phone}/remove`,
    },
    'the sessions': { path: `${realm}/sessions` },
    'the list of clients': { path: `${realm}/clients` },
    'a client': { path: `${realm}/clients/openid/shop` },
    'the doors of a new client': { path: `${realm}/clients/new` },
    'a new client': { path: `${realm}/clients/new?dialect=openid` },
    'the secret of a client': {
      path: `${realm}/clients/openid/shop/secret`,
      sends: { reason: ' ' },
      isWrong: true,
    },
    'a new secret of a client': { path: `${realm}/clients/openid/shop/secret`, sends: { reason } },
    'the end of a client': { path: `${realm}/clients/openid/other/remove` },
    'the doors': { path: `${realm}/doors` },
    'the messages': { path: `${realm}/messages` },
    'the messages that were given up': { path: `${realm}/messages?state=given-up` },
    'the webhooks': { path: `${realm}/webhooks` },
    'a webhook': { path: `${realm}/webhooks/${ids.webhook}` },
    'a new webhook': { path: `${realm}/webhooks/new` },
    'a webhook that cannot be added': {
      path: `${realm}/webhooks/new`,
      sends: { url: 'https://app.example.com/', types: 'nothing.*', reason },
      isWrong: true,
    },
    'the new secret of a webhook': { path: `${realm}/webhooks/${ids.webhook}/secret`, sends: { reason } },
    'a delivery': { path: `${realm}/webhooks/${ids.webhook}/deliveries/${ids.delivery}` },
    'the audit trail': { path: `${realm}/audit` },
    'the limits': { path: `${realm}/limits` },
    'the keys': { path: `${realm}/keys` },
    'the replacement of keys': { path: `${realm}/keys/replace` },
    'the settings of a realm': { path: `${realm}/settings` },
    'the way from an old server': { path: `${realm}/switching` },
    'the realms': { path: '/admin/realms' },
    'the master keys': { path: '/admin/master-keys' },
    'the health': { path: '/admin/health' },
    'the configuration': { path: '/admin/settings?show=all' },
    'a setting': { path: '/admin/settings/retention.audit' },
    'the operators': { path: '/admin/operators' },
    'an invitation to be made': { path: '/admin/operators/invite' },
    'an invitation that was made': {
      path: '/admin/operators/invite',
      sends: { email: 'linus@example.com', role: '', reason },
    },
    'the role of an operator': { path: `/admin/operators/${ids.operator}/role` },
    'the tokens': { path: '/admin/tokens' },
    'a new token': { path: '/admin/tokens/new' },
    'a token that was made': {
      path: '/admin/tokens/new',
      sends: { name: 'Deploys', 'scopes[]': '', reason },
    },
    'the end of a token': { path: `/admin/tokens/${ids.token}/revoke` },
    'the access of an operator': { path: '/admin/access' },
    'a new passkey': { path: '/admin/access/passkeys/new' },
    'the proof': { path: '/admin/prove' },
    'the API': { path: '/admin/api' },
    'the sign-in': { path: '/admin/sign-in' },
    'the way back': { path: '/admin/recover' },
    'an invitation': { path: ids.invitation },
  }
}

const phone = '01890000-0000-7000-8000-000000000001'

/** Gives an account two that nobody has. */
async function giveAuthenticators({ env, clock }: TestServer, account: string): Promise<void> {
  const columns = 'id, name, realm, account_id, secret_sealed, sealed_under, created_at, confirmed_at'
  const rest = `'main', '${account}', '', '', ${clock.now()}, ${clock.now()}`
  const url = env.DATABASE_URL ?? ''
  await execute(url, `insert into totp (${columns}) values ('${phone.replace(/1$/, '2')}', 'Phone', ${rest})`)
  await execute(url, `insert into authenticators (${columns}) values ('${phone}', 'Kari’s tablet', ${rest})`)
}

/** Makes the oldest message to a person one that nobody could take. */
async function giveUpMessage({ env, clock }: TestServer): Promise<void> {
  await execute(
    env.DATABASE_URL ?? '',
    `update jobs set done_at = null, dead_at = ${clock.now()}, attempts = 12, last_error = '550 unknown'
     where id = (select min(id) from jobs where realm = 'main' and kind <> 'webhook')`,
  )
}
