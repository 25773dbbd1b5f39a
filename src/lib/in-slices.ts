/** How long work goes on before others have their turn. */
const sliceMs = 0.5

/** Steps between two looks at the clock. */
const stepsAtOnce = 64

/**
 * Work of many small steps: it yields what it waits for, which is such work itself, a promise or a value, and goes on
 * with what came of it.
 */
export type Steps = Generator<unknown, unknown, unknown>

/**
 * Does work to its end and gives its result, about half a millisecond at a time; whatever else the process has to
 * do comes in between, and of several such works one goes on in a turn of the event loop. Throws what the work throws.
 */
export async function inSlices(work: Steps): Promise<unknown> {
  // Each waits for the one after it, and the last for the one under way.
  const waiting: Steps[] = []
  let current: Steps | undefined = work
  let outcome: unknown
  let hasFailed = false
  await nextTurn()
  let until = performance.now() + sliceMs
  for (let step = 1; current; step++) {
    if (step % stepsAtOnce === 0 && performance.now() > until) {
      await nextTurn()
      until = performance.now() + sliceMs
    }
    // One that throws is over, too.
    let isOver = true
    try {
      const step: IteratorResult<unknown> = hasFailed ? current.throw(outcome) : current.next(outcome)
      isOver = step.done === true
      outcome = step.value instanceof Promise ? await step.value : step.value
      hasFailed = false
    } catch (error) {
      outcome = error
      hasFailed = true
    }
    if (!hasFailed && isSteps(outcome)) {
      if (!isOver) waiting.push(current)
      current = outcome
      outcome = undefined
    } else if (isOver) current = waiting.pop()
  }
  if (hasFailed) throw outcome
  return outcome
}

const generatorPrototype = Object.getPrototypeOf(function* () {}).prototype
const isGenerator = Object.prototype.isPrototypeOf.bind(generatorPrototype)

/** By the prototype: a look for its methods takes several times as long, and is done at every step. */
function isSteps(value: unknown): value is Steps {
  return typeof value === 'object' && isGenerator(value as object)
}

const comers: (() => void)[] = []

/** Waits for a turn of the event loop in which no other work goes on. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (comers.push(resolve) === 1) setImmediate(giveTurn)
  })
}

function giveTurn(): void {
  comers.shift()?.()
  if (comers.length > 0) setImmediate(giveTurn)
}
