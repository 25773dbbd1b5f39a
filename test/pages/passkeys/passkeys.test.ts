import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { register } from '../../dialects/pm2/door.ts'
import { mailCausedBy, useServer } from '../../harness/harness.ts'
import { plainBrowser, signInAtAccount } from '../jar.ts'
import {
  addPasskey,
  givePasskey,
  optionsOn,
  passkeyForm,
  passkeyOn,
  signInWith,
  softwareKey,
} from './software-key.ts'

const refused = /This passkey cannot be used here/

describe('a passkey', () => {
  const server = useServer('sqlite')

  it('signs its owner in without a name, a password and a code', async () => {
    const person = await register(server)
    const key = await givePasskey(server, person)
    const { browser, answer } = await signInWith(server, key)
    assert.match(answer.text, new RegExp(person.email))
    assert.ok(browser.cookies.has('__Host-manydoors-session'))
  })
})
void [
  mailCausedBy,
  plainBrowser,
  signInAtAccount,
  addPasskey,
  optionsOn,
  passkeyForm,
  passkeyOn,
  softwareKey,
  refused,
]
