import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { argon2Params } from '../src/core/passwords/argon2.ts'
import { defaultHashing } from '../src/core/passwords/hashing.ts'
import { password } from './seed.ts'

/** Checks of the password a second with nothing around them, on all cores. */
export async function verificationsPerSecond(seconds: number): Promise<number> {
  const known = await hash(password, argon2Params(defaultHashing))
  let count = 0
  const began = performance.now()
  const ends = began + seconds * 1000
  const loop = async () => {
    while (performance.now() < ends) {
      await verify(known, password)
      count++
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, loop))
  return count / ((performance.now() - began) / 1000)
}
