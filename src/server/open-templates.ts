import { type Config, ConfigError, type RealmConfig } from '../config/config.ts'
import type { Brand } from '../core/clients/client.ts'
import { createMessageRenderer, type MessageRenderer } from '../delivery/render.ts'
import { openPageTemplates, type PageTemplates } from '../pages/render.ts'

/** Every page and message, as the operator and the brands want them. Throws `ConfigError` with everything that is wrong with these. */
export async function openAllTemplates({
  templateFolder,
  realms,
}: Pick<Config, 'templateFolder' | 'realms'>): Promise<{ pages: PageTemplates; messages: MessageRenderer }> {
  const pages = openPageTemplates(templateFolder, realms.flatMap(brandsOf))
  const messages = createMessageRenderer(templateFolder)
  const problems = [...(await pages.findProblems()), ...(await messages.findProblems())]
  if (problems.length > 0) throw new ConfigError(problems)
  return { pages, messages }
}

/** Those that the pages of a realm may be shown in. */
function brandsOf({ brand, clients }: RealmConfig): Brand[] {
  return [...(brand ? [brand] : []), ...clients.map((client) => client.brand)]
}
