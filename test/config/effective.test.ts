import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeSettings } from '../../src/config/effective/describe-settings.ts'
import { sourceText } from '../../src/config/effective/sources.ts'
import { settingsSchema } from '../../src/config/json-schema.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { runCommand } from '../harness/command.ts'
import { sampleKey } from '../harness/master-keys.ts'
import { settingsIn, useFolder } from './settings-file.ts'

interface Json {
  properties?: Record<string, Json>
  additionalProperties?: Json | boolean
  anyOf?: Json[]
  required?: string[]
  $ref?: string
  $defs?: Record<string, Json>
}

/** What a reference within the schema stands for. */
function lookUpIn(root: Json, node: Json = {}): Json {
  const name = node.$ref?.split('/').at(-1)
  return name === undefined ? node : lookUpIn(root, root.$defs?.[name])
}

/** Of the ways to write something, the one that is a section; of a section, itself. */
function sectionIn(root: Json, node: Json): Json | undefined {
  const ways = (node.anyOf ?? [node]).map((way) => lookUpIn(root, way))
  const sections = ways.flatMap((way) => (way.anyOf ? (sectionIn(root, way) ?? []) : way))
  return sections.find(({ properties, additionalProperties }) => properties ?? additionalProperties)
}

/** Every setting of the published schema; names of files for secrets are left out. */
function namesIn(root: Json, node: Json, path: string[] = []): string[] {
  const section = sectionIn(root, lookUpIn(root, node))
  const { properties } = section ?? {}
  // What something must be given for is one setting where it is not given.
  if (!properties || (section?.required ?? []).length > 0) return [path.join('.')]
  return Object.entries(properties)
    .filter(([name]) => !(name.endsWith('File') && name.slice(0, -4) in properties))
    .flatMap(([name, child]) => namesIn(root, child, [...path, name]))
}

/** What the schema says of any realm. */
function ofRealm(root: Json): Json {
  const { additionalProperties } = sectionIn(root, lookUpIn(root, root.properties?.realms)) ?? {}
  assert.ok(typeof additionalProperties === 'object', 'realms by their names')
  return additionalProperties
}

describe('the settings in force', () => {
  const folder = useFolder()
  const settings = settingsIn(folder)
  const lookUp = async (yaml: string, environment: Record<string, string> = {}) => {
    const all = describeSettings(await settings.read(yaml, environment))
    return (name: string) => {
      const found = all.find((setting) => setting.name === name)
      assert.ok(found, `${name} is not among them`)
      const { value, isSecret, isSet, default: standsIn, source } = found
      const text = sourceText(source)?.replaceAll(`${folder.path}/`, '')
      return {
        value: isSecret ? (isSet ? 'set' : 'not set') : (value ?? standsIn),
        source: text ?? 'default',
      }
    }
  }

  it('have everything that the published schema knows, whether it is given or not', () => {
    const root = settingsSchema() as Json
    const { realms: _realms, ...own } = root.properties ?? {}
    const known = describeSettings(readConfig({})).map(({ name }) => name)
    const expected = [
      ...namesIn(root, { properties: own }),
      ...namesIn(root, ofRealm(root), ['realms', 'main']),
    ]
    assert.ok(expected.length > 100, `${expected.length}`)
    // Of what may be written as one word, too, only that is there.
    const isKnown = (name: string) => known.some((other) => name === other || name.startsWith(`${other}.`))
    const forgotten = expected.filter((name) => !isKnown(name))
    assert.deepEqual(forgotten, [])
  })

  it('come from a line of the file, a variable that the file refers to, a variable, or nobody', async () => {
    const yaml = [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own notation
      'publicUrl: https://${NAME:-auth}.example.com',
      'port: 80',
      'realms:',
      '  main:',
      '    brand: &brand',
      '      name: Shop',
      '    dialects:',
      '      vastly: { clients: [{ id: app, origins: [https://a.test], brand: *brand }] }',
    ].join('\n')
    const of = await lookUp(yaml, { PORT: '8080', NAME: 'sign-in' })
    assert.deepEqual(of('publicUrl'), {
      value: 'https://sign-in.example.com',
      source: 'settings.yaml:1 (NAME)',
    })
    assert.deepEqual(of('port'), { value: '8080', source: 'PORT' })
    assert.deepEqual(of('realms.main.brand.name'), { value: 'Shop', source: 'settings.yaml:6' })
    assert.deepEqual(of('realms.main.dialects.vastly.clients[0].origins'), {
      value: ['https://a.test'],
      source: 'settings.yaml:8',
    })
    assert.deepEqual(of('hashing.passes'), { value: '2', source: 'default' })
    assert.throws(() => of('realms.main.dialects.minbil.rotation'), /is not among them/)
  })

  it('say of a secret that it is set, and where, and never what it is', async () => {
    const secret = 'hunter2-and-more'
    const path = await folder.write(`${sampleKey(7).toString('base64')}\n`, 'master-key')
    const yaml = [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own notation
      'secretFile: ${MASTER}',
      `smtp: { url: 'smtp://ada:${secret}@mail.example.com', from: a@example.com }`,
      'sms:',
      '  url: https://sms.example.com',
      `  body: '{"key":"${secret}","to":"{to}","text":"{text}"}'`,
    ].join('\n')
    const credebl = await folder.write(secret, 'credebl-key')
    const environment = {
      MASTER: path,
      DATABASE_URL: 'sqlite:/srv/hunter2-and-more.db',
      CREDEBL_PASSWORD_KEY_FILE: credebl,
      OTEL_EXPORTER_OTLP_HEADERS: `api-key=${secret}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://ada:${secret}@traces.example.com`,
    }
    const of = await lookUp(yaml, environment)
    assert.deepEqual(of('secret'), { value: 'set', source: 'settings.yaml:1 (MASTER), in master-key' })
    assert.deepEqual(of('smtp.url'), { value: 'set', source: 'settings.yaml:2' })
    assert.deepEqual(of('nextSecrets'), { value: 'not set', source: 'default' })
    assert.deepEqual(of('database'), { value: 'set', source: 'DATABASE_URL' })
    assert.deepEqual(of('realms.main.dialects.credebl.passwordKey'), {
      value: 'set',
      source: 'CREDEBL_PASSWORD_KEY_FILE, in credebl-key',
    })
    const file = await folder.write(yaml, 'settings.yaml')
    const shown = await runCommand({ env: environment }, ['config', 'show', '--json', '--config', file])
    assert.equal(shown.code, 0, shown.stderr)
    assert.doesNotMatch(shown.stdout, /hunter2/)
    assert.equal(shown.stdout.includes(sampleKey(7).toString('base64')), false)
  })

  it('are printed by `config show`, one a line', async () => {
    const file = await folder.write('realms: { main: { brand: { name: Shop } } }', 'shown.yaml')
    const { stdout, code } = await runCommand({ env: {} }, ['config', 'show', '--config', file])
    assert.equal(code, 0)
    const line = stdout.split('\n').find((line) => line.startsWith('realms.main.brand.name')) ?? ''
    assert.deepEqual(line.split(/ {2,}/), ['realms.main.brand.name', 'Shop', `${file}:1`])
  })
})
