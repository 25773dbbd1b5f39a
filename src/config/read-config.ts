import { manifests } from '../dialects/manifests.ts'
import { buildConfig } from './build-config.ts'
import {
  findConflicts,
  findMissing,
  findPasskeyProblems,
  findRealmsWithoutUrl,
  findSharedUrls,
  validatePostgresVariables,
} from './checks.ts'
import { type Config, ConfigError } from './config.ts'
import { findOpenidProblems } from './openid-problems.ts'
import { findSecretProblems } from './published-secrets.ts'
import type { Settings } from './schema.ts'
import { validateSms } from './sections/sms.ts'
import { findSharedPrefixes } from './shared-prefixes.ts'
import { type Environment, nameAt, readEnvironment } from './sources/environment.ts'
import { findFile, readFile } from './sources/file.ts'
import { overlay } from './sources/tree.ts'

/**
 * Reads the environment, and the settings file: `wantedFile`, else `MANYDOORS_CONFIG`, else `manydoors.yaml` if it is
 * there. What the environment says comes first. Throws `ConfigError` with everything that is wrong or missing at once.
 */
export function readConfig(environment: Environment, wantedFile?: string): Config {
  const variables = readEnvironment(environment)
  const isProduction = variables.given.mode === 'production'
  const path = findFile(wantedFile ?? variables.given.file)
  const file = readFile(path, environment, (given, dialects) => [
    ...findConflicts(given, dialects),
    ...(isProduction ? findRealmsWithoutUrl(given) : []),
  ])
  const problems = [...variables.problems, ...file.problems]

  // What a file holds that is not even YAML nobody can say.
  if (file.given !== undefined) {
    const given = overlay(file.given as Settings, variables.given, variables.places)
    // As the operator would look for it: by its place where there is a file.
    const nameOf = (place: string) => {
      const name = nameAt([place])
      return path === undefined || variables.places.includes(place) ? name : `${place} (or ${name})`
    }
    if (isProduction) problems.push(...findMissing(given, nameOf))
    problems.push(...validateSms(given.sms ?? {}, { isProduction, nameOf }))
  }
  if (problems.length > 0) throw new ConfigError(problems)

  const settings = overlay(file.settings, variables.settings, variables.places)
  const config = {
    ...buildConfig(settings, file.dialects),
    given: {
      settings,
      merged: overlay(file.given, variables.given, variables.places),
      variables: variables.variables,
      ...(path !== undefined && { file: { path, text: file.text, given: file.given } }),
    },
    ...(path !== undefined && { file: path }),
    secretFiles: [...variables.secretFiles, ...file.secretFiles],
  }
  const conflicts = [
    ...findSharedUrls(config),
    ...findPasskeyProblems(config),
    ...findOpenidProblems(config),
    ...findSecretProblems(config),
    ...findSharedPrefixes(config, manifests),
    ...validatePostgresVariables(config, environment),
  ]
  if (conflicts.length > 0) throw new ConfigError(conflicts)
  return config
}
