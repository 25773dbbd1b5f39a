import { placeText } from '../../core/imports/batch-parts.ts'
import type { ImportEntry } from '../../core/imports/neutral.ts'
import { countReason, type Reasons, reportLines } from '../../core/imports/tally.ts'
import type { CliCommand } from '../cli-command.ts'
import { printResult } from '../terminal/print.ts'
import { createPrivateFile, type PrivateFile } from '../terminal/private-file.ts'
import { openFiles } from './files.ts'
import { formatNamed } from './formats.ts'
import { addReadingOptions, type ReadingOptions, readFormatOptions } from './options.ts'
import { exitRefused } from './print-report.ts'
import { reasonLines, totalOf } from './report-text.ts'

interface ConvertOptions extends ReadingOptions {
  output: string
}

/** `import convert`: the neutral form of other systems' files, to look at and to change before it is imported. */
export function addConvertCommand(parent: CliCommand): void {
  const convert = parent
    .command('convert <format> <files...>')
    .description('write files in the neutral form, one account a line, and import nothing')
    .requiredOption(
      '--output <file>',
      'a new file, which its owner alone may read: it holds hashes and secrets',
    )
  addReadingOptions(convert as CliCommand)
  convert.action(runConvert)
}

async function runConvert(
  name: string,
  paths: string[],
  _options: object,
  command: CliCommand,
): Promise<void> {
  // Those that `import` has, too, it takes wherever they stand.
  const options = command.optsWithGlobals<ConvertOptions>()
  const format = await formatNamed(name)
  const { files } = await openFiles(paths)
  const formatOptions = await readFormatOptions(command, format, options)
  const output = createPrivateFile(options.output)
  const converted = await writeRecords(format.read(files, formatOptions), output)
  output.close()
  const { written, skipped, refused, dropped } = converted
  printResult(command, { output: options.output, ...converted }, [
    `${options.output} holds ${written} accounts. It has hashes and secrets in it: keep it to yourself, and delete it in the end.`,
    ...reasonLines('Skipped', skipped),
    ...reasonLines('Refused', refused),
    ...reasonLines('Written, but without', dropped),
  ])
  if (totalOf(refused) > 0) command.outside.exitCode = exitRefused
}

async function writeRecords(entries: AsyncIterable<ImportEntry>, output: PrivateFile) {
  const [skipped, refused, dropped]: [Reasons, Reasons, Reasons] = [{}, {}, {}]
  let written = 0
  try {
    for await (const entry of entries) {
      const place = placeText(entry)
      if ('refused' in entry) countReason(refused, entry.refused, place)
      else if ('skipped' in entry) countReason(skipped, entry.skipped, place)
      else {
        output.write(`${JSON.stringify(entry.record)}\n`)
        written++
        for (const reason of entry.dropped ?? []) countReason(dropped, reason, place)
      }
    }
  } catch (error) {
    output.discard()
    throw error
  }
  return {
    written,
    skipped: reportLines(skipped),
    refused: reportLines(refused),
    dropped: reportLines(dropped),
  }
}
