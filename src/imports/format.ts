import type { ImportEntry } from '../core/imports/neutral.ts'

/** A format that accounts are imported from. */
export interface ImportFormat {
  /** As it is named on the command line. */
  name: string
  /** One line for the help: which files of which system. */
  description: string
  /** Secrets that it can make use of, by the names that `--secret` gives them, such as `pepper`. */
  secrets?: string[]
  /**
   * The entries of the files, always in the same order, however the files are cut into pieces; an entry that cannot be
   * read is refused by its own. Throws `UnreadableImport` when the files are not of this format.
   */
  read(files: ImportFile[], options: FormatOptions): AsyncIterable<ImportEntry>
}

/** A file that is imported. */
export interface ImportFile {
  /** Its name without folders. */
  name: string
  /** Its bytes from the start, more than once when that is asked for. They may be gzip: `readText` unpacks it. */
  open(): AsyncIterable<Uint8Array>
}

export interface FormatOptions {
  /** What the system is to be called, in place of the name of the format. */
  source?: string
  /** What an e-mail address or phone number that the system calls verified counts for. */
  verified: 'keep' | 'none'
  /** The text of the file with the parameters that all hashes share. */
  hashParameters?: string
  /** By the names of the format's `secrets`. */
  secrets: Record<string, string>
  /** Which field of the files is which of the neutral form, as it is read from YAML. */
  map?: Record<string, unknown>
  /** Epoch milliseconds: a ban that ends before it is over. */
  now: number
  /** The IANA time zone of times that name none; UTC when not given. */
  timeZone?: string
}

/** The files are not what the format reads; the message says what is wrong, without data of a person. */
export class UnreadableImport extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnreadableImport'
  }
}
