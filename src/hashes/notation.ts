/** Keeps a secret that hashes were made with, and returns the id that stands for it in their texts. */
export type KeepSecret = (secret: Buffer) => string

/** How a system writes a hash so that its text says by itself what it is. */
export interface Notation {
  /** What such texts look like. Linear. */
  form: RegExp
  /** Gives a hash the form in which it is kept, or in another system's notation. Throws `UnusableHash`. */
  translate(text: string, keepSecret: KeepSecret): string
}
