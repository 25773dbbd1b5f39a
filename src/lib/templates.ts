import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Liquid } from 'liquidjs'
import { inSlices } from './in-slices.ts'

/** Templates of ours, which those of the operator override by name. */
export interface Templates {
  /** Renders a file such as `name.html.liquid`; what is put into HTML is escaped. */
  render(file: string, data: object): Promise<string>
  /** The text of a file that is no template. */
  read(file: string): string
  /** Everything that is wrong with the operator's templates, in words. */
  findProblems(): Promise<string[]>
}

interface TemplateFolders {
  ownFolder: string
  operatorFolder: string | undefined
  /** Of parts that these templates share with others. */
  sharedFolder?: string
  /** The folder within the operator's. */
  within: string
  /** What each template is tried with in `findProblems`, by the beginning of its name. */
  samples: Record<string, object>
  /** What every template is given besides. */
  common: object
}

/** Opens the templates in a folder of ours. Each file is read once. */
export function openTemplates({
  ownFolder,
  operatorFolder,
  within,
  sharedFolder,
  ...tried
}: TemplateFolders): Templates {
  const wanted = operatorFolder === undefined ? undefined : join(operatorFolder, within)
  const overrides = wanted !== undefined && existsSync(wanted) ? wanted : undefined
  const shared = {
    root: [overrides, ownFolder, sharedFolder].filter((folder) => folder !== undefined),
    cache: true,
    strictFilters: true,
    lenientIf: true,
  }
  const html = new Liquid({ ...shared, extname: '.html.liquid', outputEscape: 'escape' })
  const text = new Liquid({ ...shared, extname: '.txt.liquid' })
  const engineOf = (file: string) => (file.endsWith('.html.liquid') ? html : text)

  return {
    // As `renderFile` does it, which makes a promise of every value that is put in, and stops for nothing else.
    render: async (file, data) => String(await inSlices(engineOf(file)._renderFile(file, data, {}))),
    read: (file) => {
      const own = join(ownFolder, file)
      const override = overrides === undefined ? own : join(overrides, file)
      return readFileSync(existsSync(override) ? override : own, 'utf8')
    },
    findProblems: async () => {
      if (overrides === undefined) return []
      const ownFiles = readdirSync(ownFolder)
      const misnamed = readdirSync(overrides).filter((file) => isTemplate(file) && !ownFiles.includes(file))
      // By their reasons: a part that is broken breaks many, and is named once.
      const broken = new Map<string, string>()
      for (const file of ownFiles) {
        const sample = tried.samples[file.split('.', 1)[0] ?? '']
        if (!sample || !file.endsWith('.liquid')) continue
        try {
          await engineOf(file).renderFile(file, { ...sample, ...tried.common }, { strictVariables: true })
        } catch (error) {
          const reason = reasonOf(error)
          const key = reason.includes('file:') ? reason : `${file} ${reason}`
          if (!broken.has(key)) broken.set(key, `${overrides}: ${file} cannot be used: ${reason}`)
        }
      }
      return [
        ...misnamed.map((file) => `${join(overrides, file)} overrides no template of ours`),
        ...broken.values(),
      ]
    },
  }
}

/** Whether a name is that of a template; a part that templates share begins with `_`, and may have any name. */
function isTemplate(file: string): boolean {
  return /\.(liquid|css)$/.test(file) && !file.startsWith('_')
}

/** What the library says, which names file and line. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
