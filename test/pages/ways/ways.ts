import type { Page } from 'playwright-core'
import type { PageName } from '../../../src/pages/samples.ts'
import type { TestServer } from '../../harness/harness.ts'

/** Ways to pages, and to every state of each, by what the state is called. */
export type Ways<Name extends PageName> = Record<Name, Record<string, (page: Page) => Promise<unknown>>>

/** Those that a browser comes to by OpenID Connect alone. */
export type OpenidPage = 'consent' | 'device' | 'device-confirm' | 'device-done' | 'logout' | 'logged-out'

/** Opens a path of the server under the name that its pages have in tests. */
export function open(server: TestServer, page: Page, path: string): Promise<unknown> {
  return page.goto(`${server.url.replace('127.0.0.1', 'localhost')}${path}`)
}

/** Fills in the fields of the page's own form, by their names, and sends it. */
export async function submit(page: Page, fields: Record<string, string>): Promise<void> {
  const form = page.locator('main form').first()
  for (const [name, value] of Object.entries(fields)) await form.locator(`input[name="${name}"]`).fill(value)
  const answered = page.waitForResponse((response) => response.request().method() === 'POST')
  await form.locator('button[type="submit"]').click()
  await answered
  await page.waitForLoadState()
}
