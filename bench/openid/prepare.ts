import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { send } from '../../test/harness/harness.ts'
import { type AppBrowser, appBrowser, authorize, type Site } from '../../test/openid/browser.ts'
import { type Person, password } from '../seed.ts'
import { type BenchClient, paths, redirectUri } from './clients.ts'
import { fullScope, type OpenidPerson, verifier } from './load.ts'

/** How many browsers ask at a time. */
const atATime = 16

/** People in browsers that are signed in at one server. */
export interface Browsers {
  /** Has each of them come to the app anew, with so many codes on top, and returns the file that a load reads. */
  come(client: BenchClient, codes: number): Promise<string>
}

const challenge = createHash('sha256').update(verifier).digest('base64url')

/** Signs people in at a server, each in a browser of their own, by its pages. */
export async function openBrowsers(
  url: string,
  { people, folder, name }: { people: Pick<Person, 'email'>[]; folder: string; name: string },
): Promise<Browsers> {
  const site: Site = { url, request: (method, path, options) => send(`${url}${path}`, method, options) }
  const visitors = people.map(({ email }) => ({ email, browser: appBrowser(site) }))
  let files = 0

  const codeOf = async (client: BenchClient, { email, browser }: { email: string; browser: AppBrowser }) => {
    const query = new URLSearchParams({
      client_id: client.id,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: fullScope,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      // Signs in at the library, which has no page for it here; ours puts it into the form.
      login_hint: email,
    })
    const callback = await authorize(browser, `${url}${paths.authorize}?${query}`, { email, password })
    return callback.searchParams.get('code') ?? assert.fail(callback.href)
  }
  const comeAs = async (
    client: BenchClient,
    { visitor, codes: wanted }: { visitor: (typeof visitors)[number]; codes: number },
  ): Promise<OpenidPerson> => {
    const basic = Buffer.from(`${client.id}:${client.secret}`).toString('base64')
    const authorization = `Basic ${basic}`
    const code = await codeOf(client, visitor)
    const answer = await site.request('POST', paths.token, {
      form: { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier },
      headers: { authorization },
    })
    assert.equal(answer.status, 200, answer.text)
    const { access_token: accessToken, refresh_token: refreshToken } = answer.body
    const codes: string[] = []
    // One after the other: they share the browser.
    for (let count = 0; count < wanted; count++) codes.push(await codeOf(client, visitor))
    return { authorization, accessToken, refreshToken, codes }
  }
  return {
    come: async (client, codes) => {
      const made = await inTurns(visitors, (visitor) => comeAs(client, { visitor, codes }))
      const file = join(folder, `${name}-${++files}.json`)
      await writeFile(file, JSON.stringify(made))
      return file
    },
  }
}

/** Works on all of them, so many at a time. */
async function inTurns<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const loop = async () => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index] as T)
    }
  }
  await Promise.all(Array.from({ length: atATime }, loop))
  return results
}
