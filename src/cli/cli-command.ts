import { Command } from 'commander'
import type { Outside } from './outside.ts'

/** A command that knows what is outside of it, as do those beneath it. */
export class CliCommand extends Command {
  readonly outside: Outside

  constructor(outside: Outside, name?: string) {
    super(name)
    this.outside = outside
  }

  override createCommand(name?: string): CliCommand {
    return new CliCommand(this.outside, name)
  }
}
