// The same commit gives the same bytes, wherever and whenever it is built: who runs a file can tell what it was made of.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, globSync, readFileSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type TemporaryFolder, temporaryFolder } from './services/temporary.ts'

const root = join(import.meta.dirname, '..')
const sources = [
  ...[
    'src',
    'scripts',
    'roles',
    'playbooks',
    'host_vars',
    'group_vars',
    'build.mjs',
    'package.json',
    'package-lock.json',
  ],
  ...['tsconfig.json', 'inventory.yml', 'ansible.cfg', 'CHANGELOG.md', 'LICENSE'],
]

/** A copy of the tree, as somebody else's clone: in another folder, of another time, with other rights. */
async function copyOfTree(name: string, modified: number, mode: number): Promise<TemporaryFolder> {
  const folder = await temporaryFolder(name)
  for (const source of sources) cpSync(join(root, source), folder.file(source), { recursive: true })
  for (const path of globSync('**/*', { cwd: folder.path }).reverse()) {
    utimesSync(folder.file(path), modified, modified)
    if (path.endsWith('.md') || path.endsWith('.yml')) chmodSync(folder.file(path), mode)
  }
  symlinkSync(join(root, 'node_modules'), folder.file('node_modules'))
  return folder
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

function runIn(folder: TemporaryFolder, script: string, ...args: string[]) {
  const env = { ...process.env, TZ: 'Australia/Brisbane', LANG: 'C' }
  execFileSync(process.execPath, [script, ...args], { cwd: folder.path, env, stdio: 'pipe' })
}

t.test('the built file, and the archive', async (t) => {
  await using one = await copyOfTree('one', 1_000_000_000, 0o644)
  await using other = await copyOfTree('a-folder-of-another-length', 1_700_000_000, 0o664)
  for (const folder of [one, other]) runIn(folder, 'scripts/package.ts', folder.file('archive.tar.gz'))
  const built = [one, other].map((folder) => folder.file('dist/workflow-reporting.mjs'))
  t.equal(sha256(built[0]!), sha256(built[1]!), 'the built file')
  t.equal(sha256(one.file('archive.tar.gz')), sha256(other.file('archive.tar.gz')), 'the archive')
  t.notMatch(readFileSync(built[0]!, 'utf8'), one.path, 'and it does not tell where it was built')
  runIn(one, 'build.mjs')
  t.equal(sha256(built[0]!), sha256(built[1]!), 'nor when')
})
