import { availableParallelism } from 'node:os'
import type { ImportReport } from '../../core/imports/report.ts'
import { defaultHashing, type HashingCost, workOf } from '../../core/passwords/hashing.ts'
import type { CliCommand } from '../cli-command.ts'
import { printResult } from '../terminal/print.ts'
import { readConfigFor } from '../with-core.ts'
import { forecastOf } from './forecast.ts'
import { linesOfReport, totalOf } from './report-text.ts'

/** What a command ends with whose files had entries that were refused. */
export const exitRefused = 2

/** Prints a report, with what the first sign-ins will cost on this machine, and has the command end with what it says. */
export function printReport(report: ImportReport, command: CliCommand): void {
  const cores = availableParallelism()
  const ownCostMs = costOf(readConfigFor(command).hashing)
  const forecast = forecastOf(report.passwords, { cores, ownCostMs })
  printResult(command, { ...report, ...(forecast && { forecast }) }, linesOfReport(report, forecast))
  if (totalOf(report.refused) > 0) command.outside.exitCode = exitRefused
}

/** CPU time of a hash at the default cost, in milliseconds, measured as that of other systems' hashes was. */
const defaultCostMs = 12

function costOf(cost: HashingCost): number {
  return (defaultCostMs * workOf(cost)) / workOf(defaultHashing)
}
