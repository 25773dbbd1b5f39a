import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createData, freshEmail, onEveryEngine } from '../harness/harness.ts'
import { startProgram } from '../harness/program.ts'
import { assertLimited, assertStatus, behindProxy, freshAddress, signIn } from './callers.ts'

onEveryEngine('limits', (engine) => {
  it('outlive the process, however it ends', async () => {
    const data = await createData(engine)
    const env = { ...data.env, ...behindProxy }
    const [address, person] = [freshAddress(), { email: freshEmail(), password: 'a wrong password' }]
    try {
      const first = await startProgram(env)
      for (let count = 0; count < 5; count++) assertStatus(401, await signIn(first, address, person))
      await first.kill()

      const second = await startProgram(env)
      for (let count = 0; count < 5; count++) assertStatus(401, await signIn(second, address, person))
      assertLimited(await signIn(second, address, person))
      assert.equal((await second.stop()).code, 0)

      const third = await startProgram(env)
      assertLimited(await signIn(third, address, person))
      assertStatus(401, await signIn(third, freshAddress(), person))
      await third.stop()
    } finally {
      await data.drop()
    }
  })
})
