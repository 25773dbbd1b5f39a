import { fuzzEveryRoute, fuzzOf } from '../test/abuse/fuzz.ts'

fuzzEveryRoute(fuzzOf({ seed: 4_711, runs: 60 }))
