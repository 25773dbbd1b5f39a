/** What is known and not taken, by the form of its text. */
const refusedForms: [form: RegExp, name: string][] = [
  [/^$/, 'empty'],
  [/^[!*]/, 'a mark that there is no password'],
  [/^\$y\$/, 'yescrypt'],
  [/^\$gy\$/, 'gost-yescrypt'],
  [/^\$sha1\$/, 'sha1-crypt'],
  [/^\$md5[$,]/, 'SunMD5'],
  [/^\$3\$/, 'md4'],
  [/^\{MD4\}/i, 'md4'],
  [/^\{(?:noop|plain|cleartext|clear)\}/i, 'plain text'],
  // Eight characters of the password count.
  [/^[./A-Za-z0-9]{13}$/, 'DES-crypt'],
  [/^_[./A-Za-z0-9]{19}$/, 'DES-crypt'],
  [
    /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i,
    'a digest whose making is not told',
  ],
]

/** What is known and not taken, by the kinds that imports name. */
export const refusedKinds: ReadonlyMap<string, string> = new Map([
  ['yescrypt', 'yescrypt'],
  ['gost-yescrypt', 'gost-yescrypt'],
  ['des-crypt', 'DES-crypt'],
  ['sha1-crypt', 'sha1-crypt'],
  ['sunmd5', 'SunMD5'],
  ['md4', 'md4'],
  ['plain', 'plain text'],
])

/** What a text is that is known and not taken; `undefined` when it is not known either. */
export function nameOfRefused(text: string): string | undefined {
  return refusedForms.find(([form]) => form.test(text))?.[1]
}
