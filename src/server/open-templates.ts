import { type Config, ConfigError } from '../config/config.ts'
import { createMessageRenderer, type MessageRenderer } from '../delivery/render.ts'
import { openPageTemplates, type PageTemplates } from '../pages/render.ts'

/** Every page and message, as the operator wants them. Throws `ConfigError` with everything that is wrong with these. */
export async function openAllTemplates({
  templateFolder,
}: Pick<Config, 'templateFolder'>): Promise<{ pages: PageTemplates; messages: MessageRenderer }> {
  const pages = openPageTemplates(templateFolder)
  const messages = createMessageRenderer(templateFolder)
  const problems = [...(await pages.findProblems()), ...(await messages.findProblems())]
  if (problems.length > 0) throw new ConfigError(problems)
  return { pages, messages }
}
