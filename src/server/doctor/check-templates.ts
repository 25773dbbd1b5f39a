import type { Config, RealmConfig } from '../../config/config.ts'

/** Throws `ConfigError` with everything that is wrong with the operator's templates and logos, as a start would. */
export async function checkTemplates(config: Config): Promise<void> {
  if (config.templateFolder === undefined && !config.realms.some(hasLogo)) return
  // Loaded where there are some, as the engine and the pages take memory.
  const { openAllTemplates } = await import('../../server/open-templates.ts')
  await openAllTemplates(config)
}

function hasLogo({ brand, clients }: RealmConfig): boolean {
  return brand?.logo !== undefined || clients.some((client) => client.brand.logo !== undefined)
}
