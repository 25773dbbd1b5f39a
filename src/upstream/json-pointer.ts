/** What is at a place of a value (RFC 6901); `undefined` where there is no such place. */
export function readPointer(value: unknown, pointer: string): unknown {
  const steps = pointer.split('/').slice(1)
  return steps.reduce<unknown>((node, step) => {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return undefined
    return (node as Record<string, unknown>)[name]
  }, value)
}
