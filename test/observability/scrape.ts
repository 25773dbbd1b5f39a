import assert from 'node:assert/strict'
import { send } from '../harness/harness.ts'

/** One line of Prometheus' text format. */
interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

export interface Scrape {
  text: string
  samples: Sample[]
  /** The names of all metrics that are declared, those without a sample too. */
  names: Set<string>
  /** The sum of all samples of that name whose labels match; 0 when there are none. */
  sum(name: string, labels?: Record<string, string>): number
  /** The one sample of that name whose labels match; fails when there are none or several. */
  one(name: string, labels?: Record<string, string>): number
}

/** Reads `/metrics` of the server that is there; fails when it is refused. */
export async function scrape(url: string): Promise<Scrape> {
  const answer = await send(`${url}/metrics`, 'GET')
  assert.equal(answer.status, 200, answer.text)
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  return readMetrics(answer.text)
}

/** Reads Prometheus' text format; fails at a line that is none. */
export function readMetrics(text: string): Scrape {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const samples = lines.map(readSample)
  const names = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name))
  const matching = (name: string, labels: Record<string, string>) =>
    samples.filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
  return {
    text,
    samples,
    names,
    sum: (name, labels = {}) => matching(name, labels).reduce((sum, { value }) => sum + value, 0),
    one: (name, labels = {}) => {
      const found = matching(name, labels)
      assert.equal(found.length, 1, `${name} ${JSON.stringify(labels)}: ${JSON.stringify(found)}`)
      return found[0]?.value ?? Number.NaN
    },
  }
}

function readSample(line: string): Sample {
  const [, name, labels = '', value] = /^([a-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? []
  assert.ok(name !== undefined && value !== undefined, `not a sample: ${line}`)
  const pairs = [...labels.matchAll(/(\w+)="((?:\\.|[^"\\])*)"/g)].map(([, key = '', text = '']) => [
    key,
    text,
  ])
  return { name, labels: Object.fromEntries(pairs), value: Number(value) }
}
