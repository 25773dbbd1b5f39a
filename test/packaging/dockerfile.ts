/** One instruction, with what it says as it is written. */
export interface Instruction {
  name: string
  /** Its `--name=value` flags. */
  flags: Record<string, string>
  /** What comes behind the flags. */
  text: string
}

/** A stage of a Dockerfile: what it is built from, and what is done then. */
export interface Stage {
  name: string
  base: string
  instructions: Instruction[]
}

/** Reads a Dockerfile. Its continued lines and comments are joined and dropped as Docker does. */
export function readDockerfile(text: string): Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim())
  const stages: Stage[] = []
  for (const instruction of lines.map(readInstruction)) {
    if (instruction.name !== 'FROM') {
      stages.at(-1)?.instructions.push(instruction)
      continue
    }
    const [base = '', , name = String(stages.length)] = instruction.text.split(/\s+/)
    stages.push({ name, base, instructions: [] })
  }
  return stages
}

function readInstruction(line: string): Instruction {
  const [, name = '', rest = ''] = /^\s*(\w+)\s+(.*)$/.exec(line) ?? []
  const [, given = '', text = ''] = /^((?:--[\w-]+=\S+\s+)*)(.*)$/.exec(rest) ?? []
  const flags = [...given.matchAll(/--([\w-]+)=(\S+)/g)].map(([, flag = '', value = '']) => [flag, value])
  return { name: name.toUpperCase(), flags: Object.fromEntries(flags), text: text.trim() }
}
