import { join } from 'node:path'
import { contractOf } from 'manydoors/contract'
import { adapter } from './adapter.ts'

contractOf(join(import.meta.dirname, 'index.ts'), adapter)
