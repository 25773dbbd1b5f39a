import type { Config } from '../../config/config.ts'

/** Throws `ConfigError` with everything that is wrong with the operator's templates, as a start would. */
export async function checkTemplates(config: Config): Promise<void> {
  if (config.templateFolder === undefined) return
  // Loaded where there are some, as the engine and the pages take memory.
  const { openAllTemplates } = await import('../../server/open-templates.ts')
  await openAllTemplates(config)
}
