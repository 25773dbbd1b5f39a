import { fillIn } from '../lib/fill-in.ts'
import type norwegian from './locales/findings.nb.json'

/** What a check of the server may say or advise, in English; of each there is one in every other language. */
type Sentence = keyof typeof norwegian

/** The names in braces within a sentence. */
type Holes<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Holes<Rest>
  : never

type ValuesOf<Text extends string> = [Holes<Text>] extends [never]
  ? []
  : [values: Record<Holes<Text>, string | number>]

/** A sentence, and what stands in its braces. */
export interface Said {
  sentence: Sentence
  values: Record<string, string | number>
}

/** Says something in every language. */
export function say<Text extends Sentence>(sentence: Text, ...[values]: ValuesOf<Text>): Said {
  return { sentence, values: values ?? {} }
}

/** It in English; what comes from elsewhere, such as the answer of a database, is a text already. */
export function inEnglish(said: Said | string): string {
  return typeof said === 'string' ? said : fillIn(said.sentence, said.values)
}
