import { parseArgs } from 'node:util'
import { cases } from './cases.ts'
import type { Report } from './report.ts'
import { table, writeReport } from './report.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    records: { type: 'string', default: '100000' },
    before: { type: 'string' },
  },
})
const [rounds, seconds, records] = [Number(values.rounds), Number(values.seconds), Number(values.records)]
const unknown = positionals.filter((name) => !(name in cases))
if (unknown.length > 0) {
  process.stderr.write(`there are no cases ${unknown.join(', ')}: ${Object.keys(cases).join(', ')}\n`)
  process.exit(1)
}

const report: Report = { comparisons: [], figures: [] }
for (const [name, measure] of Object.entries(cases)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  process.stderr.write(`${name} …\n`)
  try {
    const { comparisons = [], figures = [] } = await measure({
      rounds,
      seconds,
      records,
      before: values.before,
    })
    report.comparisons.push(...comparisons)
    report.figures.push(...figures)
  } catch (error) {
    // What was measured before, and may take an hour, is not lost for it.
    process.stderr.write(`${name} failed: ${(error as Error).stack}\n`)
    process.exitCode = 1
  }
}
process.stdout.write(table(report))
await writeReport(report)
