import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { createThread, ThreadEnded } from '../../src/lib/thread.ts'

interface Echo {
  answer: string
  threadId: number
}

const create = () =>
  createThread<string, Echo>({
    module: new URL('./thread-module.ts', import.meta.url),
    isAnswer: (message): message is Echo => 'answer' in message,
  })

describe('A thread', () => {
  const thread = create()
  after(() => thread.close())

  it('answers one question after the other, and is reused', async () => {
    const answers = await Promise.all(['a', 'b', 'c'].map((question) => thread.ask(question)))
    assert.deepEqual(
      answers.map(({ answer }) => answer),
      ['a', 'b', 'c'],
    )
    assert.equal(new Set(answers.map(({ threadId }) => threadId)).size, 1)
  })

  for (const [how, error] of [
    ['end', ThreadEnded],
    ['throw', /thrown in the thread/],
  ] as const)
    it(`fails the question at which it does ${how}, and no other one`, async () => {
      const before = await thread.ask('before')
      const [failed, next] = await Promise.allSettled([thread.ask(how), thread.ask('next')])
      assert.ok(failed.status === 'rejected' && next.status === 'fulfilled')
      if (error instanceof RegExp) assert.match(String(failed.reason), error)
      else assert.ok(failed.reason instanceof error)
      assert.equal(next.value.answer, 'next')
      assert.notEqual(next.value.threadId, before.threadId)
    })

  it('that was closed refuses whoever waits, and whoever asks', async () => {
    const closed = create()
    const waiting = Promise.allSettled([closed.ask('a'), closed.ask('b')])
    await closed.close()
    const isEnded = (result: PromiseSettledResult<Echo>) =>
      result.status === 'rejected' && result.reason instanceof ThreadEnded
    assert.ok((await waiting).every(isEnded))
    await assert.rejects(closed.ask('c'), ThreadEnded)
  })
})
