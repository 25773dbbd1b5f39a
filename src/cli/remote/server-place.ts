import { readFileSync, statSync } from 'node:fs'
import { platform } from 'node:os'
import { isLoopback } from '../../lib/ip.ts'
import type { CliCommand } from '../cli-command.ts'
import { CommandError } from '../failure.ts'

/** A running server that a command is to work at, and what it shows there. */
export interface ServerPlace {
  /** Without a slash at its end. */
  url: string
  token: string
}

interface PlaceOptions {
  server?: string
  tokenFile?: string
}

/** Whether a command is to work at a running server, and not on the files and the database of this machine. */
export function isForServer(command: CliCommand): boolean {
  return given(command).server !== undefined
}

/**
 * The server that `--server` or MANYDOORS_SERVER names, with the token of `--token-file` or MANYDOORS_TOKEN_FILE. Throws
 * `CommandError` where a token would travel in the clear, or lies where others may read it.
 */
export function readServerPlace(command: CliCommand): ServerPlace {
  const { server = '', tokenFile } = given(command)
  const url = readUrl(server)
  if (tokenFile === undefined)
    throw new CommandError('name the file that holds your token: --token-file, or MANYDOORS_TOKEN_FILE')
  return { url, token: readToken(tokenFile) }
}

function given(command: CliCommand): PlaceOptions {
  const { server, tokenFile } = command.optsWithGlobals<PlaceOptions>()
  const { MANYDOORS_SERVER, MANYDOORS_TOKEN_FILE } = command.outside.env
  return {
    server: server ?? (MANYDOORS_SERVER || undefined),
    tokenFile: tokenFile ?? (MANYDOORS_TOKEN_FILE || undefined),
  }
}

function readUrl(text: string): string {
  const url = URL.parse(text)
  if (!url || !['https:', 'http:'].includes(url.protocol))
    throw new CommandError(`${text} is no address of a server: it must be like https://admin.example.com`)
  if (
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    !/^\/(admin\/?)?$/.test(url.pathname)
  )
    throw new CommandError(`name the server by its address alone, such as ${url.protocol}//${url.host}`)
  if (url.protocol === 'http:' && !isLoopback(url.hostname.replaceAll(/[[\]]/g, '')))
    throw new CommandError(`a token would travel to ${url.host} in the clear: use https`)
  return url.origin
}

function readToken(path: string): string {
  let text: string
  try {
    if (platform() !== 'win32' && statSync(path).mode & 0o077)
      throw new CommandError(`${path} can be read by others: chmod 600 ${path}`)
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`the token cannot be read: ${(error as Error).message}`)
  }
  const token = text.trim()
  if (!/^mda_[\w-]{43}$/.test(token)) throw new CommandError(`${path} holds no token of the admin API`)
  return token
}
