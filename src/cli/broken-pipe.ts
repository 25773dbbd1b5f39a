/**
 * Has the process end quietly when whoever reads its output has seen enough, as `head` does; what keeps output from
 * being written otherwise, such as a full disk, ends it with 1. For commands: a server goes on.
 */
export function endWhenNobodyReads(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    process.stderr.write(`the output cannot be written: ${error.message}\n`)
    process.exit(1)
  })
  // What is said on the side is lost then, and the work goes on.
  process.stderr.on('error', () => {})
}
