import type { Outside } from '../outside.ts'

/**
 * Has the process end quietly when whoever reads its output has seen enough, as `head` does; what keeps output from
 * being written otherwise, such as a full disk, ends it with 1. Returns what takes that back, for a server, which goes
 * on.
 */
export function endWhenNobodyReads(outside: Outside): () => void {
  const { stdout, stderr, exit } = outside
  const end = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return exit(outside.exitCode ?? 0)
    stderr.write(`the output cannot be written: ${error.message}\n`)
    exit(1)
  }
  // What is said on the side is lost then, and the work goes on.
  const ignore = () => {}
  stdout.on('error', end)
  stderr.on('error', ignore)
  return () => {
    stdout.off('error', end)
    stderr.off('error', ignore)
  }
}
