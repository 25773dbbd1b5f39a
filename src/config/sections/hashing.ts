import { z } from 'zod'
import { defaultHashing, maxHashing, minMemory, minMemoryFor } from '../../core/passwords/hashing.ts'
import { section, wholeNumber } from '../setting-types.ts'

const owaspList = minMemory
  .map((memory, index) => (index === 0 ? `${memory} MiB with 1 pass` : `${memory} with ${index + 1}`))
  .join(', ')

/** `hashing` in the settings file. */
export const hashingSection = z
  .strictObject(
    {
      memory: wholeNumber({ min: Math.min(...minMemory), max: maxHashing.memory })
        .optional()
        .describe(`In MiB (${defaultHashing.memory}); at least ${owaspList}`),
      passes: wholeNumber({ min: 1, max: maxHashing.passes })
        .optional()
        .describe(`How often it goes over that memory (${defaultHashing.passes})`),
    },
    section,
  )
  .superRefine((given, { addIssue }) => {
    const { memory, passes } = { ...defaultHashing, ...given }
    const min = minMemoryFor(passes)
    if (memory >= min) return
    const count = passes === 1 ? '1 pass' : `${passes} passes`
    const message = `must be at least ${min} with ${count}: OWASP allows no less than ${owaspList}`
    addIssue({ code: 'custom', path: ['memory'], message })
  })
  .nullish()
  .describe('What argon2id costs for each password. See docs/configuration.md')
