// The same commit gives the same bytes, wherever and whenever it is built: who runs a file can tell what it was made of.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, globSync, readdirSync, readFileSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { temporaryFolder } from './services/temporary.ts'

const root = join(import.meta.dirname, '..')
const folders = ['src', 'scripts', 'roles', 'playbooks', 'host_vars', 'group_vars']
const files = ['build.mjs', 'package.json', 'package-lock.json', 'tsconfig.json', 'inventory.yml', 'ansible.cfg']
const sources = [...folders, ...files, 'CHANGELOG.md', 'LICENSE']

const modulesOf = (folder: string, ...names: string[]) => join(folder, 'node_modules', ...names)

/** What the program imports, and what that imports in turn: bundled, and its path may be, too. */
const packages = new Set<string>()
for (const file of globSync('src/**/*.{ts,tsx}', { cwd: root }))
  for (const [, name] of readFileSync(join(root, file), 'utf8').matchAll(
    /(?: from |\bimport\()'((?:@[\w-]+\/)?\w[\w.-]*)(?!:)['/]/g,
  ))
    packages.add(name!)
// A set goes on to what is added meanwhile.
for (const name of packages) {
  const { dependencies = {} } = JSON.parse(readFileSync(modulesOf(root, name, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  for (const needed of Object.keys(dependencies)) if (existsSync(modulesOf(root, needed))) packages.add(needed)
}

/** A copy of the tree, as somebody else's clone: in another folder, of another time, with other rights. */
function copyOfTree(to: string, modified: number, mode: number): string {
  for (const source of sources) cpSync(join(root, source), join(to, source), { recursive: true })
  for (const path of globSync('**/*', { cwd: to }).reverse()) {
    utimesSync(join(to, path), modified, modified)
    if (path.endsWith('.md') || path.endsWith('.yml')) chmodSync(join(to, path), mode)
  }
  for (const name of packages) cpSync(modulesOf(root, name), modulesOf(to, name), { recursive: true })
  for (const name of readdirSync(modulesOf(root)))
    if (!existsSync(modulesOf(to, name))) symlinkSync(modulesOf(root, name), modulesOf(to, name))
  return to
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

function runIn(folder: string, script: string, ...args: string[]) {
  const env = { ...process.env, TZ: 'Australia/Brisbane', LANG: 'C' }
  execFileSync(process.execPath, [script, ...args], { cwd: folder, env, stdio: 'pipe' })
}

t.test('the built file, and the archive', async (t) => {
  t.ok(packages.size > 4, `${packages.size} packages`)
  await using folder = await temporaryFolder('reproducible')
  const one = copyOfTree(folder.file('one'), 1_000_000_000, 0o644)
  const other = copyOfTree(folder.file('a', 'folder', 'deeper'), 1_700_000_000, 0o664)
  for (const clone of [one, other]) runIn(clone, 'scripts/package.ts', join(clone, 'archive.tar.gz'))
  const [built, again] = [one, other].map((clone) => join(clone, 'dist/workflow-reporting.mjs'))
  t.equal(sha256(built!), sha256(again!), 'the built file')
  t.equal(sha256(built!), sha256(join(root, 'dist/workflow-reporting.mjs')), 'as it was built here')
  t.equal(sha256(join(one, 'archive.tar.gz')), sha256(join(other, 'archive.tar.gz')), 'the archive')
  t.notMatch(readFileSync(built!, 'utf8'), folder.path, 'and it does not tell where it was built')
})
