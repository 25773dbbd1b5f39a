import { z } from 'zod'

/** An answer that is a file and not JSON, made while it is sent. */
export interface TextFile {
  /** Of its content. */
  type: string
  /** What browsers keep it as. */
  name: string
  parts: AsyncIterable<string>
}

/** The output of an operation that answers a file. */
export const textFile: z.ZodType<TextFile, TextFile> = z.any().describe('A file')

/** Whether an operation answers a file. */
export function isTextFile(answer: unknown): answer is TextFile {
  return typeof answer === 'object' && answer !== null && 'parts' in answer && 'type' in answer
}
