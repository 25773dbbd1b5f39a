import { z } from 'zod'
import { leastMemory, leastMemoryFor, mostHashing, usualHashing } from '../../core/hashing.ts'
import { section, wholeNumber } from '../setting-types.ts'

const owaspList = leastMemory
  .map((memory, index) => (index === 0 ? `${memory} MiB with 1 pass` : `${memory} with ${index + 1}`))
  .join(', ')

/** `hashing` in the settings file. */
export const hashingSection = z
  .strictObject(
    {
      memory: wholeNumber({ min: Math.min(...leastMemory), max: mostHashing.memory })
        .optional()
        .describe(`In MiB (${usualHashing.memory}); at least ${owaspList}`),
      passes: wholeNumber({ min: 1, max: mostHashing.passes })
        .optional()
        .describe(`How often it goes over that memory (${usualHashing.passes})`),
    },
    section,
  )
  .superRefine((given, { addIssue }) => {
    const { memory, passes } = { ...usualHashing, ...given }
    const least = leastMemoryFor(passes)
    if (memory >= least) return
    const message = `must be at least ${least} with ${passesText(passes)}: OWASP allows no less than ${owaspList}`
    addIssue({ code: 'custom', path: ['memory'], message })
  })
  .nullish()
  .describe('What argon2id costs for each password. See docs/configuration.md')

function passesText(passes: number): string {
  return passes === 1 ? '1 pass' : `${passes} passes`
}
