import { describe, it } from 'node:test'
import { eventually } from '../../harness/events.ts'
import { useServer } from '../../harness/harness.ts'
import {
  assertBody,
  assertFail,
  codeSent,
  logIn,
  messagesTo,
  password,
  post,
  register,
  texts,
} from './door.ts'

const notPhone = { mobile: 'Mobile must be a number such as +4791234567' }

/** One number in each line, as it is kept and as people write it. */
const spellings: Record<string, string[]> = {
  '+4791234567': [
    '+47 912 34 567',
    '004791234567',
    '00 47 912 34 567',
    'tel:+47-912-34-567',
    'TEL:+4791234567',
    '+47 (0) 91234567',
    '\u202a+47 912 34 567\u202c',
    '\ufeff\u00a0+47\u200e91234567\u200b',
    '＋４７ ９１２３４５６７',
  ],
  '+442079460958': ['+44 (0)20 7946 0958', '0044 (0) 20 7946 0958', 'tel:+44(0)2079460958'],
  // The zero belongs to it.
  '+39066981234': ['+39 06 698 1234', '+39 (0)6 698 1234'],
  '+393471234567': ['+39 (0) 347 123 4567'],
  // Of a range that nobody is known to have been given.
  '+447700900123': ['+44 7700 900123', '00447700900123'],
}

describe('a phone number at vastly', () => {
  const server = useServer('sqlite')

  for (const [number, typed] of Object.entries(spellings)) {
    it(`such as ${number} is one number, however it is typed`, async () => {
      await register(server, { mobile: typed[0] })
      for (const mobile of [number, ...typed]) {
        await logIn(server, { mobile })
        const json = { mobile, password: 'another password', passwordConfirm: 'another password' }
        assertFail(await post(server, '/register', { json }), 409, 'Mobile is already in use')
      }
      const json = { mobile: typed.at(-1) }
      assertBody(await post(server, '/forgotpass/mobile', { json }), 200, codeSent)
      await eventually(`a code for ${number}`, async () => (await messagesTo(server, number))[0])
    })
  }

  it('is refused where it could be another one, or none', async () => {
    for (const mobile of [
      '91234567',
      '00',
      '0091',
      '+47',
      'tel:',
      '+47 (0)(0) 91234567',
      '+4791234567;ext=5',
      '+4791234567, +4791234568',
      'call +4791234567',
      `+4791234567${' '.repeat(200)}`,
    ]) {
      const answer = await post(server, '/login', { json: { mobile, password } })
      assertFail(answer, 400, texts.validation, notPhone)
    }
  })
})
