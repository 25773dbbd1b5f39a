import { describeSettings, type EffectiveSetting } from '../../config/effective/describe-settings.ts'
import { sourceText } from '../../config/effective/sources.ts'
import type { CliCommand } from '../cli-command.ts'
import { alignColumns, printResult } from '../terminal/print.ts'
import { readConfigFor } from '../with-core.ts'

/** `config show`: every setting with what is in force, and where that comes from. */
export function addShowCommand(parent: CliCommand): void {
  parent
    .command('show')
    .description('show every setting, what is in force and where it comes from; secrets as set or not')
    .action((_options: object, command: CliCommand) => {
      const settings = describeSettings(readConfigFor(command))
      printResult(command, { settings: settings.map(presentSetting) }, alignColumns(settings.map(rowOf)))
    })
}

function presentSetting({ source, ...setting }: EffectiveSetting) {
  return { ...setting, source: { ...source, text: sourceText(source) } }
}

function rowOf(setting: EffectiveSetting): string[] {
  return [setting.name, valueText(setting), sourceText(setting.source) ?? 'default']
}

function valueText({ value, isSecret, isSet, default: standsIn }: EffectiveSetting): string {
  if (isSecret) return isSet ? 'set' : 'not set'
  if (!isSet) return standsIn ?? '-'
  if (value === undefined) return '-'
  // One line each, whatever is in them.
  return (Array.isArray(value) ? value.join(', ') : String(value)).replaceAll(/\s*\n\s*/g, ' ')
}
