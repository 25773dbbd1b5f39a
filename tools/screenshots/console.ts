import type { Page } from 'playwright-core'
import { bucketBoundsMs } from '../../src/core/operations/traffic.ts'
import { consoleSettings, type SeededConsole, seedConsole } from '../../test/admin/console-pages.ts'
import { execute } from '../../test/harness/database.ts'
import { minbil, register } from '../../test/harness/doors.ts'
import { startTestServer, type TestServer } from '../../test/harness/harness.ts'

/** A console with something to look at: some people, and an hour of traffic. */
export interface ShownConsole extends SeededConsole {
  close(): Promise<void>
  /** Opens a page of it as an owner. */
  open(page: Page, path: string): Promise<unknown>
}

const names =
  'ada astrid berit camille dag elin frida guro halvor ingrid jonas lars magnus nora olav per ragnhild siri tor unni vegard'

const minuteMs = 60_000

/** Starts a server whose console can be looked at. The caller closes it. */
export async function startConsole(): Promise<ShownConsole> {
  const server = await startTestServer('sqlite', { yaml: consoleSettings })
  for (const name of names.split(' ')) {
    const person = { email: `${name}@example.com`, password: 'StrongPass123!' }
    await register(server, person)
    await minbil.signIn(server, person)
    if (name.length > 4) await minbil.signIn(server, { ...person, password: 'not the password' })
  }
  const seeded = await seedConsole(server)
  await writeTraffic(server)
  return {
    ...seeded,
    close: () => server.close(),
    open: async (page, path) => {
      await page.setExtraHTTPHeaders({ cookie: seeded.cookie })
      await page.goto(`${server.url.replace('127.0.0.1', 'localhost')}${path}`)
    },
  }
}

/** An hour as it might have been: a wave, and more refusals towards its end. */
async function writeTraffic({ env, clock }: TestServer): Promise<void> {
  const now = Math.floor(clock.now() / minuteMs) * minuteMs
  const rows = Array.from({ length: 61 }, (_, index) => {
    const wave = 1 + 0.4 * Math.sin(index / 7) + 0.1 * Math.sin(index * 2)
    const minute = now - (61 - index) * minuteMs
    const timed = (count: number) =>
      JSON.stringify(bucketBoundsMs.map((ms) => (ms === 5 ? count : ms === 20 && index % 9 === 0 ? 3 : 0)))
    const row = (dialect: string, kind: string, ok: number, refused: number) =>
      `('main', ${minute}, 'node', '${dialect}', '${kind}', ${Math.round(ok)}, ${Math.round(refused)}, 0,
        '{"credentials_invalid": ${Math.round(refused)}}', '${timed(Math.round(ok))}')`
    return [
      row('minbil', 'door', 180 * wave, 4 + index / 12),
      row('wolfpal', 'door', 90 * wave, 2),
      row('minbil', 'sign-in', 24 * wave, 4),
      row('minbil', 'refresh', 140 * wave, 1),
    ].join()
  })
  const columns = 'realm, minute, node, dialect, kind, ok, refused, failed, outcomes, buckets'
  await execute(env.DATABASE_URL ?? '', `insert into traffic (${columns}) values ${rows.join()}`)
}
