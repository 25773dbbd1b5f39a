import { writeExtendedBcrypt } from '../kinds/bcrypt.ts'
import type { Notation } from '../notation.ts'

/** How WordPress writes hashes since 6.8: `$wp` before bcrypt. */
export const wordpressNotations: Notation[] = [
  {
    form: /^\$wp\$2/,
    translate: (text) => writeExtendedBcrypt(text.slice('$wp'.length), { prehash: 'wordpress' }),
  },
]
