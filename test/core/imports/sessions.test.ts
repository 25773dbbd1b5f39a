import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { it } from 'node:test'
import { onEveryEngine } from '../../harness/harness.ts'
