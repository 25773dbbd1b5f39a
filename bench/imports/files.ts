import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Somebody of the old system, always the same one for a number. */
interface Imagined {
  number: number
  /** 64 hexadecimal digits. */
  digits: string
  email: string
  /** Characters as bcrypt writes them. */
  bcrypt: string
}

/** So often somebody has the address of the one before, and is left out for it. */
const doubleEvery = 500

/** How many accounts an import of so many records makes. */
export function accountsOf(records: number): number {
  return records - Math.floor(records / doubleEvery)
}

function imagine(number: number): Imagined {
  const isDouble = number % doubleEvery === doubleEvery - 1
  const hash = createHash('sha512').update(`${number}`).digest()
  const characters = hash.toString('base64').replaceAll('+', '.')
  return {
    number,
    digits: hash.toString('hex').slice(0, 64),
    email: `Person-${isDouble ? number - 1 : number}@Bench.example`,
    // The last characters of salt and digest have bits that nothing stands for.
    bcrypt: `$2b$10$${characters.slice(0, 21)}u${characters.slice(22, 52)}u`,
  }
}

const createdAt = '2024-03-01T08:15:30.123Z'

function uuidOf({ digits }: Imagined): string {
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
}

function neutral(person: Imagined): string {
  const { number, email, bcrypt } = person
  return JSON.stringify({
    source: 'bench',
    sourceId: uuidOf(person),
    id: uuidOf(person),
    email,
    emailVerified: number % 2 === 0,
    username: `person ${number}`,
    passwordHash: bcrypt,
    createdAt,
    profile: { name: `Person ${number}`, city: 'Bergen' },
  })
}

const copyColumns =
  'id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, is_anonymous'

function copyRow(person: Imagined): string {
  const { number, email, bcrypt } = person
  return [
    uuidOf(person),
    'authenticated',
    'authenticated',
    email,
    bcrypt,
    number % 2 === 0 ? '2024-03-01 08:20:00+00' : '\\N',
    '{"provider": "email", "providers": ["email"]}',
    JSON.stringify({ name: `Person ${number}` }),
    '2024-03-01 08:15:30.123+00',
    'f',
  ].join('\t')
}

function firebaseUser({ number, digits, email }: Imagined): string {
  return JSON.stringify({
    localId: digits.slice(0, 28),
    email,
    emailVerified: number % 2 === 0,
    passwordHash: Buffer.from(digits).toString('base64'),
    salt: Buffer.from(digits.slice(0, 10)).toString('base64'),
    displayName: `Person ${number}`,
    createdAt: '1709280930123',
    providerUserInfo: [],
  })
}

const hashConfig = `hash_config {
  algorithm: SCRYPT,
  base64_signer_key: ${Buffer.alloc(64, 7).toString('base64')},
  base64_salt_separator: Bw==,
  rounds: 8,
  mem_cost: 14,
}
`

function auth0User({ number, digits, email }: Imagined): string {
  const id = digits.slice(0, 24)
  return JSON.stringify({
    user_id: `auth0|${id}`,
    email,
    email_verified: number % 2 === 0,
    name: `Person ${number}`,
    created_at: createdAt,
    identities: [{ user_id: id, provider: 'auth0', connection: 'Username-Password-Authentication' }],
    app_metadata: { plan: 'pro' },
  })
}

function auth0Password({ digits, email, bcrypt }: Imagined): string {
  const connection = 'Username-Password-Authentication'
  return JSON.stringify({ _id: { $oid: digits.slice(0, 24) }, email, passwordHash: bcrypt, connection })
}

/** A file, made of what stands around and between the lines of its people. */
interface FileForm {
  name: string
  line(person: Imagined): string
  before?: string
  between?: string
  after?: string
}

/** The formats that are measured, each a way in which files are read. */
export const forms: Record<string, { files: FileForm[]; hashParameters?: string }> = {
  manydoors: { files: [{ name: 'accounts.ndjson', line: neutral }] },
  supabase: {
    files: [
      {
        name: 'supabase.sql',
        line: copyRow,
        before: `COPY auth.users (${copyColumns}) FROM stdin;\n`,
        after: '\n\\.\n',
      },
    ],
  },
  firebase: {
    files: [
      { name: 'firebase.json', line: firebaseUser, before: '{"users":[\n', between: ',\n', after: '\n]}\n' },
    ],
    hashParameters: hashConfig,
  },
  auth0: {
    files: [
      { name: 'users.ndjson', line: auth0User },
      { name: 'passwords.ndjson', line: auth0Password },
    ],
  },
}

/** Writes the files of a format with so many records, and returns the arguments of `manydoors import` for them. */
export async function writeImportFiles(folder: string, format: string, records: number): Promise<string[]> {
  const form = forms[format]
  if (!form) throw new Error(`no files are made of ${format}: ${Object.keys(forms).join(', ')}`)
  const args = [format]
  for (const file of form.files) {
    const path = join(folder, file.name)
    await pipeline(Readable.from(textOf(file, records)), createWriteStream(path, { mode: 0o600 }))
    args.push(path)
  }
  if (form.hashParameters === undefined) return args
  const path = join(folder, 'hash-config.txt')
  await writeFile(path, form.hashParameters)
  return [...args, '--hash-params', path]
}

const linesAtATime = 1000

function* textOf({ line, before = '', between = '\n', after = '' }: FileForm, records: number) {
  yield before
  for (let first = 0; first < records; first += linesAtATime) {
    const count = Math.min(linesAtATime, records - first)
    const lines = Array.from({ length: count }, (_, index) => line(imagine(first + index)))
    yield (first > 0 ? between : '') + lines.join(between)
  }
  yield after
}
