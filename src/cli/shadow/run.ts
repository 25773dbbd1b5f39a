import { dialects } from '../../dialects/registry.ts'
import type { Dialect } from '../../http/dialect.ts'
import { createShadow, type Shadow } from '../../shadow/shadow.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'
import { readConfigFor } from '../with-core.ts'
import type { ListenAddress } from './listen-address.ts'
import { createListener, type ListenerOptions } from './listener.ts'
import { replacePrivateFile } from './replace-private-file.ts'

interface RunOptions extends ListenerOptions {
  dialect?: string
  old?: URL
  new?: URL
  listen: ListenAddress
  sample: number
  report: string
}

const reportEveryMs = 10_000
/** What waits when it is stopped has so long. */
const lastCopiesMs = 10_000

/** `shadow`: runs until it is interrupted. */
export async function runShadow(options: RunOptions, command: CliCommand): Promise<void> {
  const { outside } = command
  const { old, new: fresh, report } = options
  if (!old || !fresh || options.dialect === undefined)
    throw new CommandError('name the door and both servers: --dialect, --old, --new')
  const { prefixes, shadow: fields = noFields } = dialectNamed(options.dialect, command)
  const { sample, dialect } = options
  const shadow = createShadow({ dialect, prefixes, fields, old, fresh, sample, now: outside.now })
  const write = () => replacePrivateFile(report, `${JSON.stringify(shadow.tally(), undefined, 2)}\n`)
  const listener = await createListener(shadow.handle, options)
  const stopped = new Promise<void>((stop) => outside.onInterrupt?.(stop))
  write()
  const timer = setInterval(write, reportEveryMs)
  try {
    outside.stderr.write(`${listener.url} answers as ${old.origin}, and asks ${fresh.origin}, too.\n`)
    await stopped
    await listener.close()
    await lastCopies(shadow)
  } finally {
    clearInterval(timer)
    write()
    shadow.close()
  }
  outside.stderr.write(`What was seen: manydoors shadow report ${report}\n`)
}

/** A dialect that says nothing of its values: they are known by what they look like. */
const noFields = { fields: {}, paths: [], mails: [] }

async function lastCopies(shadow: Shadow): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((go) => {
    timer = setTimeout(go, lastCopiesMs)
  })
  await Promise.race([shadow.idle(), late])
  clearTimeout(timer)
}

function dialectNamed(name: string, command: CliCommand): Dialect {
  const isNamed = ({ door }: Dialect) => door.dialect === name
  // Those that ship need no settings.
  const known = dialects.find(isNamed) ?? readConfigFor(command).loadedDialects.find(isNamed)
  if (known) return known
  const names = dialects.map(({ door }) => door.dialect).join(', ')
  throw new CommandError(`there is no door ${name}: ${names}, and those that the settings file names`)
}
