import { operatorOf } from '../../test/admin/operator.ts'
import { send } from '../../test/harness/harness.ts'
import type { Effort } from '../cases.ts'
import { spread } from '../compare.ts'
import type { Figure } from '../report.ts'
import { fewPeople, openStage } from '../stage.ts'

/** What bearer checks may wait longer for a console that does nothing but list. */
const mostMs = 3

const listPath = '/admin/realms/main/accounts'

/** How long bearer checks take while an operator's console lists accounts without pause, and while it does not. */
export async function measureBesideConsole({ rounds, seconds }: Effort): Promise<Figure[]> {
  const stage = await openStage(fewPeople)
  try {
    const server = await stage.startOurs()
    const operator = await signedInAt(server.url, stage.env)
    const bearer = async () => {
      const { url } = server
      const load = { target: 'bearer', url, scenario: 'bearer', connections: 8, rate: 800 } as const
      return (await stage.load.run({ ...load, seconds, people: stage.people })).p99
    }
    const alone: number[] = []
    const beside: number[] = []
    const pages: number[] = []
    // The first round is not counted: until then neither is compiled well.
    for (let round = 0; round <= rounds; round++) {
      const before = await bearer()
      const lister = listWithoutPause(operator)
      const during = await bearer()
      const count = await lister.stop()
      if (round === 0) continue
      alone.push(before)
      beside.push(during)
      pages.push(count / seconds)
    }
    const differences = beside.map((p99, round) => p99 - (alone[round] ?? 0))
    return [
      { name: 'bearer check, no console: p99', unit: 'ms', value: spread(alone) },
      {
        name: 'bearer check, a console lists accounts without pause: p99',
        unit: 'ms',
        value: spread(beside),
      },
      { name: 'what the console adds to that p99', unit: 'ms', value: spread(differences), most: mostMs },
      { name: 'pages that the console got meanwhile, a second', unit: '', value: spread(pages) },
    ]
  } finally {
    await stage.close()
  }
}

/** Opens pages of a server as an operator who is signed in at it. */
type Visit = (path: string) => Promise<{ status: number; text: string }>

async function signedInAt(url: string, env: Record<string, string>): Promise<Visit> {
  const request = (method: string, path: string, options?: object) => send(`${url}${path}`, method, options)
  const { browser } = await operatorOf({ env, clock: { now: Date.now }, request })
  return browser.open
}

function listWithoutPause(open: Visit): { stop(): Promise<number> } {
  let isOn = true
  let count = 0
  const listing = (async () => {
    while (isOn) {
      const { status, text } = await open(listPath)
      if (status !== 200) throw new Error(`the list of accounts answers ${status}: ${text}`)
      count++
    }
  })()
  return {
    stop: async () => {
      isOn = false
      await listing
      return count
    },
  }
}
