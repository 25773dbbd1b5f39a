import { setTimeout as pause } from 'node:timers/promises'
import { spread } from './compare.ts'
import { openidOff, openidUsed } from './openid/settings.ts'
import type { Figure } from './report.ts'
import { fewPeople, openStage } from './stage.ts'
import { type Start, startOnce } from './start.ts'

const starts = 7
const requests = 100_000

/** What the server costs that nobody uses, and after much use. */
export async function measureCost(): Promise<Figure[]> {
  const [plain, off, used]: Start[][] = [[], [], []]
  for (let count = 0; count < starts; count++) {
    plain?.push(await startOnce())
    off?.push(await startOnce(openidOff))
    used?.push(await startOnce(openidUsed))
  }
  const [afterUse = Number.NaN, afterRest = Number.NaN] = await memoryAfterUse()
  return [
    ...startFigures('', plain ?? [], { seconds: 0.6, rss: 130 }),
    ...startFigures(', OpenID off', off ?? [], { seconds: 0.6, rss: 130 }),
    ...startFigures(', OpenID in use', used ?? [], { rss: 155 }),
    { name: 'memory after 100,000 refreshes', unit: 'MB', value: spread([afterUse]) },
    { name: 'memory 15 s later', unit: 'MB', value: spread([afterRest]) },
  ]
}

function startFigures(what: string, starts: Start[], most: Partial<Start>): Figure[] {
  const of = (name: keyof Start) => spread(starts.map((start) => start[name]))
  return [
    { name: `start to first answer${what}`, unit: 's', value: of('seconds'), most: most.seconds },
    { name: `idle memory${what}`, unit: 'MB', value: of('rss'), most: most.rss },
    { name: `idle memory${what}: PSS`, unit: 'MB', value: of('pss') },
  ]
}

async function memoryAfterUse(): Promise<number[]> {
  const stage = await openStage(fewPeople)
  try {
    const server = await stage.startOurs()
    await stage.measure('ours', server, { scenario: 'refresh', amount: requests })
    const afterUse = (await server.stats()).rss
    await pause(15_000)
    return [afterUse, (await server.stats()).rss].map((bytes) => bytes / 2 ** 20)
  } finally {
    await stage.close()
  }
}
