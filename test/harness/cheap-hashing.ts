import { randomBytes } from 'node:crypto'
import * as argon2Library from '@node-rs/argon2'
import type { Argon2 } from '../../src/server/hasher.ts'

/** The least that argon2 works with. */
const minCost = { memoryCost: 8, timeCost: 1, parallelism: 1 }

/** How the salt of each hash begins that was made cheaply: such hashes are checked cheaply, too. */
const mark = Buffer.from('cheapest')
const cheaply = new RegExp(
  `^(\\$argon2id\\$v=19\\$)m=\\d+,t=\\d+,p=\\d+(\\$${mark.toString('base64').slice(0, 10)})`,
)

/**
 * Argon2id at next to no cost, for tests that are not about hashing: its hashes name the parameters that were asked
 * for and are made with the least ones. It checks real hashes as they are; real argon2 finds no password right for one
 * of these.
 */
export const cheapArgon2: Argon2 = {
  hash: async (password, options) => {
    const { memoryCost: m, timeCost: t, parallelism: p } = { ...options }
    const salt = Buffer.concat([mark, randomBytes(8)])
    const made = await argon2Library.hash(password, { ...options, ...minCost, salt })
    return made.replace(cheaply, `$1m=${m},t=${t},p=${p}$2`)
  },
  verify: (stored, password, options) =>
    argon2Library.verify(String(stored).replace(cheaply, '$1m=8,t=1,p=1$2'), password, options),
}
