import { type Path, pathText } from './findings.ts'
import { readTextFile } from './text-file.ts'
import { sectionOf } from './tree.ts'

/** A file that holds a secret, and the path of the setting that names it. */
export interface SecretFile {
  path: Path
  file: string
  /** What is wrong with it, if anything. */
  problem?: string
}

/**
 * Puts beside every key that ends in `File` the contents of the file that it names, under the key without that. The
 * schema says which keys those may be, and refuses the others. `nameOf` tells how the operator knows a setting.
 */
export function readSecretFiles(values: unknown, nameOf = pathText, within: Path = []): SecretFile[] {
  if (Array.isArray(values))
    return values.flatMap((value, index) => readSecretFiles(value, nameOf, [...within, index]))
  const section = sectionOf(values)
  return Object.entries(section).flatMap(([key, file]): SecretFile[] => {
    const path = [...within, key]
    const [, name] = /^(\w+)File$/.exec(key) ?? []
    if (name === undefined || typeof file !== 'string') return readSecretFiles(file, nameOf, path)
    if (section[name] !== undefined)
      return [{ path, file, problem: `and ${nameOf([...within, name])} are both set` }]
    const { text, problem } = readTextFile(file)
    if (problem !== undefined) return [{ path, file, problem: `${problem}: ${file}` }]
    section[name] = text.trim()
    return [{ path, file }]
  })
}
