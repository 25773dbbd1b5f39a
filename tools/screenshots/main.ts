import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import type { PageName } from '../../src/pages/samples.ts'
import { sendForm } from '../../test/admin/console-pages.ts'
import { startTestServer } from '../../test/harness/harness.ts'
import { launchBrowser, noBrowser } from '../../test/pages/browser.ts'
import { waysToEveryPage } from '../../test/pages/ways/every-page.ts'
import { startToldProvider } from '../../test/upstream-sign-in/told-provider.ts'
import { settingsWith } from '../../test/upstream-sign-in/with-provider.ts'
import { startConsole } from './console.ts'
import { takePicture } from './picture.ts'

/**
 * `npm run screenshots [-- --folder FOLDER] [--only PART]`: takes pictures of every page in every state, as a desktop and
 * as a phone, light and dark, into a folder outside of git; those that the documents show are kept in `docs/images`.
 */
const images = join(import.meta.dirname, '..', '..', 'docs', 'images')

const devices = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
}
const schemes = ['light', 'dark'] as const

type Device = keyof typeof devices
type Scheme = (typeof schemes)[number]

/** What the documents show. */
const shownInDocuments: [page: PageName | 'console', state: string, device: Device, scheme: Scheme][] = [
  ['account-devices', 'with another one', 'phone', 'dark'],
  ['account-profile', 'as it is opened', 'phone', 'light'],
  ['account-security', 'with all there is', 'desktop', 'light'],
  ['console', 'an account', 'desktop', 'light'],
  ['console', 'the overview', 'desktop', 'light'],
  ['dev-home', 'as it is opened', 'desktop', 'light'],
  ['dev-mailbox', 'with a message opened', 'desktop', 'light'],
  ['sign-in', 'as it is opened', 'desktop', 'light'],
  ['sign-in', 'as it is opened', 'phone', 'dark'],
  ['sign-up', 'as it is opened', 'phone', 'light'],
]

const { values } = parseArgs({ options: { folder: { type: 'string' }, only: { type: 'string' } } })
const folder = resolve(values.folder ?? join(tmpdir(), 'manydoors-screenshots'))

if (noBrowser) throw new Error(noBrowser)
mkdirSync(folder, { recursive: true })
if (values.only === undefined) rmSync(images, { recursive: true, force: true })
mkdirSync(images, { recursive: true })

const provider = await startToldProvider()
const yaml = `${settingsWith(provider.issuer)}    brand: { name: Example }\n`
const server = await startTestServer('sqlite', { yaml })
const browser = await launchBrowser()
try {
  for (const device of Object.keys(devices) as Device[]) await walk(browser, device)
  await walkConsole(browser)
} finally {
  await browser.close()
  await server.close()
  await provider.close()
}
process.stdout.write(`All pictures are in ${folder}, those of the documents in ${images}\n`)

/** Goes to every state of every page as one device does. */
async function walk(browser: Browser, device: Device): Promise<void> {
  const page = await browser.newPage({ ...devices[device], locale: 'en-GB', timezoneId: 'Europe/Oslo' })
  for (const [name, states] of Object.entries(waysToEveryPage(server, provider))) {
    if (values.only !== undefined && !name.includes(values.only)) continue
    for (const [state, go] of Object.entries(states)) {
      await page.context().clearCookies()
      await go(page)
      for (const scheme of schemes) await keep(page, { name, state, device, scheme })
    }
  }
  await page.close()
}

/** Goes to every page of the console as each device does. */
async function walkConsole(browser: Browser): Promise<void> {
  if (values.only !== undefined && !'console'.includes(values.only)) return
  const shown = await startConsole()
  try {
    for (const device of Object.keys(devices) as Device[]) {
      const page = await browser.newPage({ ...devices[device], locale: 'en-GB', timezoneId: 'Europe/Oslo' })
      for (const [state, of] of Object.entries(shown.pages)) {
        await shown.open(page, of.path)
        await sendForm(page, of)
        for (const scheme of schemes) await keep(page, { name: 'console', state, device, scheme })
      }
      await page.close()
    }
  } finally {
    await shown.close()
  }
}

async function keep(
  page: Page,
  { name, state, device, scheme }: { name: string; state: string; device: Device; scheme: Scheme },
): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme })
  const picture = await takePicture(page)
  writeFileSync(join(folder, `${name}, ${state}, ${device}, ${scheme}.webp`), picture)
  const isShown = shownInDocuments.some((shown) => shown.join() === [name, state, device, scheme].join())
  const shownAs = name === 'console' ? `console-${state.split(' ').at(-1)}` : name
  if (isShown) writeFileSync(join(images, `${shownAs}-${device}-${scheme}.webp`), picture)
}
