// Bugs that are put into a copy of the program, to show that the bench would find them.
import { execFile } from 'node:child_process'
import { cp, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TemporaryFolder } from '../test/services/temporary.ts'

interface Change {
  file: string
  from: string
  to: string
}

export interface Plant {
  about: string
  /** The faults under which it shows. */
  shownBy: string[]
  changes: Change[]
}

export const plants: Record<string, Plant> = {
  acknowledgement: {
    about: 'the place is remembered before InfluxDB has accepted',
    shownBy: ['killed', 'influxdb-down-and-killed', 'power-cut'],
    changes: [
      {
        file: 'src/pipeline/run.ts',
        from: 'if (entries.length > 0) await finish(untilAvailable(() => sink.write(entries), patience))',
        to: 'source.remember(); if (entries.length > 0) await finish(untilAvailable(() => sink.write(entries), patience))',
      },
    ],
  },
  claims: {
    about: 'the ledger is not told which invocations a line has taken',
    shownBy: ['killed', 'stopped'],
    changes: [
      {
        file: 'src/galaxy/decide.ts',
        from: 'for (const row of taken) ledger.putInvocation(row.id, line)',
        to: '',
      },
    ],
  },
  ledger: {
    about: 'the ledger is forgotten when the program ends',
    shownBy: ['killed', 'backfill-beside', 'power-cut-log'],
    changes: [
      {
        file: 'src/commands/assemble.ts',
        from: 'Ledger.open(ledgerFile, keepDays)',
        to: 'Ledger.open(null, keepDays)',
      },
    ],
  },
  'sub-second': {
    about: 'a point has the time of its second alone',
    shownBy: ['killed', 'stopped'],
    changes: [
      {
        file: 'src/transforms/invocation_point.ts',
        from: 'return BigInt(second) * 1_000_000_000n + nanoseconds',
        to: 'return BigInt(second) * 1_000_000_000n + 0n * nanoseconds',
      },
    ],
  },
  draining: {
    about: 'a renamed log is left as soon as there is a new one',
    shownBy: ['renamed'],
    changes: [
      { file: 'src/lines/followed_log.ts', from: 'const drainMs = 1000', to: 'const drainMs = 0' },
      { file: 'src/lines/late_file.ts', from: 'const keepOpenMs = 60_000', to: 'const keepOpenMs = 0' },
    ],
  },
  'late-lines': {
    about: 'a renamed log is not looked at again once it has been silent',
    shownBy: ['renamed'],
    changes: [{ file: 'src/lines/late_file.ts', from: 'const keepOpenMs = 60_000', to: 'const keepOpenMs = 0' }],
  },
}

/** Builds the program with a bug; returns the built file. Fails where the text to change is not there just once. */
export async function buildWith(plant: Plant, folder: TemporaryFolder): Promise<string> {
  const root = join(import.meta.dirname, '..')
  for (const name of ['src', 'scripts/build', 'build.mjs', 'package.json'])
    await cp(join(root, name), folder.file(name), { recursive: true })
  await symlink(join(root, 'node_modules'), folder.file('node_modules'))
  for (const { file, from, to } of plant.changes) {
    const text = await readFile(folder.file(file), 'utf8')
    const times = text.split(from).length - 1
    if (times !== 1) throw new Error(`${file} has ${times} times, and not once, what is to be changed: ${from}`)
    await writeFile(
      folder.file(file),
      text.replace(from, () => to),
    )
  }
  await promisify(execFile)(process.execPath, ['build.mjs'], { cwd: folder.path })
  return folder.file('dist/workflow-reporting.mjs')
}
