import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isAllowedAddress } from '../../src/lib/outward-addresses.ts'
import { originFault } from '../../src/upstream/origin.ts'

const rules = {
  open: { allowPrivate: false, isOwnMachine: false },
  private: { allowPrivate: true, isOwnMachine: false },
  ownMachine: { allowPrivate: false, isOwnMachine: true },
}

const publicAddresses = ['1.1.1.1', '93.184.216.34', '2606:4700::1111', '64:ff9b::1.1.1.1', '::ffff:1.1.1.1']
const privateAddresses = [
  '10.0.0.1',
  '172.16.5.4',
  '192.168.1.1',
  '100.64.0.1',
  'fd12:3456::1',
  '64:ff9b::10.0.0.1',
]
const loopbackAddresses = ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1']
const neverAsked = [
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '64:ff9b::a9fe:a9fe',
  '100.100.100.200',
  '168.63.129.16',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  '0.0.0.0',
  '::',
  '::127.0.0.1',
  '::7f00:1',
  '224.0.0.1',
  'ff02::1',
  '255.255.255.255',
  '240.0.0.1',
  '198.18.0.1',
  '192.0.2.1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2001::1',
  '64:ff9b:1::1',
  '100::1',
  '4000::1',
  'localhost',
  '',
]

describe('the addresses of an old server', () => {
  for (const address of publicAddresses) {
    it(`may be ${address}`, () => {
      assert.equal(isAllowedAddress(address, rules.open), true)
      assert.equal(isAllowedAddress(address, rules.ownMachine), false)
    })
  }

  for (const address of [...privateAddresses, ...loopbackAddresses]) {
    it(`may be ${address} where a private network is meant`, () => {
      assert.equal(isAllowedAddress(address, rules.open), false)
      assert.equal(isAllowedAddress(address, rules.private), true)
      assert.equal(isAllowedAddress(address, rules.ownMachine), loopbackAddresses.includes(address))
    })
  }

  for (const address of neverAsked) {
    it(`are never ${address || 'nothing'}`, () => {
      for (const rule of Object.values(rules)) assert.equal(isAllowedAddress(address, rule), false)
    })
  }

  it('are as good in IPv6 as they are in IPv4', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        for (const rule of Object.values(rules)) {
          const isAllowed = isAllowedAddress(address, rule)
          assert.equal(isAllowedAddress(`::ffff:${address}`, rule), isAllowed)
          assert.equal(isAllowedAddress(`64:ff9b::${address}`, rule), isAllowed)
        }
      }),
    )
  })

  it('outside of 2000::/3 are none that anybody may reach', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const isGlobal = /^[23][\da-f]{3}:/i.test(address)
        const isOfIPv4 = /^(::ffff:|64:ff9b::|0:0:0:0:0:ffff:)/i.test(address)
        assert.ok(isGlobal || isOfIPv4 || !isAllowedAddress(address, rules.open), address)
      }),
    )
  })
})

describe('the origin of an old server', () => {
  const open = { allowPrivate: false }

  for (const origin of [
    'https://old.example.com',
    'https://old.example.com:8443/',
    'http://localhost:5000',
    'http://[::1]:80',
  ]) {
    it(`may be ${origin}`, () => {
      assert.equal(originFault(origin, open), undefined)
    })
  }

  for (const [origin, fault] of Object.entries({
    'old.example.com': /must be an address/,
    'ftp://old.example.com': /must be an address/,
    'http://old.example.com': /must begin with https/,
    'http://10.0.0.1': /must begin with https/,
    'https://ada:secret@old.example.com': /must hold no password/,
    'https://old.example.com/api': /nothing behind the host/,
    'https://old.example.com/?x': /nothing behind the host/,
    'https://10.0.0.1': /no request may go/,
    'https://0xa000001': /no request may go/,
    'https://[::ffff:10.0.0.1]': /no request may go/,
    'https://169.254.169.254': /no request may go/,
  })) {
    it(`is not ${origin}`, () => {
      assert.match(originFault(origin, open) ?? '', fault)
    })
  }

  it('may be in a private network where that is meant, and nowhere else', () => {
    const inPrivate = { allowPrivate: true }
    assert.equal(originFault('https://10.0.0.1', inPrivate), undefined)
    assert.match(originFault('https://169.254.169.254', inPrivate) ?? '', /no request may go/)
    assert.match(originFault('http://10.0.0.1', inPrivate) ?? '', /must begin with https/)
  })
})
