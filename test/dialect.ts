import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'

/** Runs the tests in the folders of doors: `npm run test:dialect -- FOLDER…`. On SQLite, and on TEST_DATABASE_URL where that is set. */
const here = import.meta.dirname
const folders = process.argv.slice(2).map((folder) => resolve(process.env.INIT_CWD ?? '', folder))
if (folders.length === 0) throw new Error('Name the folder of a door.')
if (!process.env.TEST_DATABASE_URL) process.env.TEST_POSTGRES = 'off'
const setup = [`--test-global-setup=${join(here, 'global-setup.ts')}`, `--import=${join(here, 'outside.ts')}`]
const files = folders.map((folder) => join(folder, '**', '*.test.ts'))
const { status } = spawnSync(process.execPath, ['--test', ...setup, ...files], { stdio: 'inherit' })
process.exitCode = status ?? 1
