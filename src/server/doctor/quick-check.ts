import { quickCheck } from '../../store/sqlite/copy.ts'

process.stdout.write(quickCheck(process.argv[2] ?? ''))
