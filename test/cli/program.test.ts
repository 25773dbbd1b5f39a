import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pkg from '../../package.json' with { type: 'json' }
import { runProgram } from '../program.ts'

describe('the command line', () => {
  for (const option of ['--version', '-V'])
    it(`says with ${option} which release it is, whatever is set`, async () => {
      const ending = await runProgram({ PORT: 'x' }, [option])
      assert.deepEqual(ending, { code: 0, stdout: `${pkg.version}\n`, stderr: '' })
    })
})
