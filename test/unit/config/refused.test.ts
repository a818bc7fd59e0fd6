// A bad file for each refusal, with the exact words that an operator reads beside it; `{file}` stands for the file.
// A new refusal needs no code: put NAME.yml and NAME.txt in the folder `refused`.
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { Misconfigured } from '../../../src/base/errors.ts'
import { loadConfiguration } from '../../../src/config/load.ts'

const folder = join(import.meta.dirname, 'refused')
const everything = { database: true, idSecret: true, accessLog: true, influxdb: true }
const files = globSync(join(folder, '*.yml')).sort()

/** What is said of a file; fails where it is taken. */
async function refusalOf(file: string): Promise<string> {
  try {
    await loadConfiguration(file, everything)
  } catch (error) {
    if (error instanceof Misconfigured) return `${error.mistakes.join('\n')}\n`
    throw error
  }
  throw new Error('it is taken')
}

t.ok(files.length > 20, 'there are files')

for (const file of files)
  t.test(basename(file, '.yml'), async (t) => {
    const said = await refusalOf(file)
    t.equal(
      said.replaceAll(file, '{file}').replaceAll(folder, '{folder}'),
      readFileSync(`${file.slice(0, -4)}.txt`, 'utf8'),
    )
    for (const line of said.trimEnd().split('\n')) t.ok(line.startsWith(`${file}:`), 'each with its file')
    t.notMatch(said, /MAR[/]?KER|4711|12345678/, 'and no value that may be a secret')
  })
