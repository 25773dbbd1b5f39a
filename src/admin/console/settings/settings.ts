import type { App } from '../../../http/types.ts'
import type { ConsoleParts } from '../console-parts.ts'
import { configurationPage } from './configuration.ts'
import { realmSettingsPage } from './realm-settings.ts'
import { settingForms } from './setting-forms.ts'

/** What is configured and where that comes from, and what operators set of it. */
export function settingsPages(scope: App, parts: ConsoleParts): void {
  configurationPage(scope, parts)
  realmSettingsPage(scope, parts)
  settingForms(scope, parts, 'server')
  settingForms(scope, parts, 'realm')
}
