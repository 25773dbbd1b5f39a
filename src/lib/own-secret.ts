import { looksRandom } from './master-key-bytes.ts'

/** Secrets of documents and templates, without what stands between their letters. */
const samples = /secret|password|change(me|this)|example|replace|qwerty|verysafe|0123456789|abcdefgh/
const [minBytes, minDifferent] = [32, 10]

/** Whether nobody but its owner may know a secret to sign with: it is long, follows no pattern, and is no sample of a document. */
export function isOwnSecret(secret: string): boolean {
  const bytes = Buffer.from(secret)
  if (bytes.length < minBytes || new Set(bytes).size < minDifferent || !looksRandom(bytes)) return false
  return !samples.test(secret.toLowerCase().replaceAll(/[^a-z\d]/g, ''))
}
