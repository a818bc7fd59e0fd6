// FerretDB speaks MongoDB's protocol over SQLite. No package of Debian or npm has a server that does, so it is built
// from its Go module, once for a machine, where Go is there.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const version = 'v1.24.2'
/** Of the build; a machine that is slower goes without. */
const timeoutMs = 600_000
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'workflow-reporting')

/** Where the program is, or will be. */
export const ferretdbPath = join(cache, `ferretdb-${version}`)

/** Options for a test that needs it. Where it could not be built, the test is left out, and that is told and counted. */
export function needsFerretdb(): { skip: false | string } {
  return { skip: !existsSync(ferretdbPath) && withoutFerretdb }
}

/** The reason of what is not run; in CI, too, it is no failure, since Go need not be there. */
export const withoutFerretdb = 'needs FerretDB, which npm test builds where Go 1.24 is'

/** Builds it where it is missing and Go is there: some two minutes on two cores, and 1 GB that is removed after. */
export function buildFerretdb(say: (text: string) => void): void {
  if (existsSync(ferretdbPath) || !hasGo()) return
  say(`Building FerretDB ${version}, once for this machine ...`)
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'making-'))
  const env = { ...process.env, GOPATH: join(folder, 'go'), GOCACHE: join(folder, 'cache'), GOFLAGS: '-modcacherw' }
  const go = (cwd: string, ...args: string[]) =>
    execFileSync('go', args, { cwd, env, encoding: 'utf8', timeout: timeoutMs, stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    const module = go(folder, 'mod', 'download', '-json', `github.com/FerretDB/FerretDB@${version}`)
    const source = join(folder, 'source')
    cpSync((JSON.parse(module) as { Dir: string }).Dir, source, { recursive: true })
    writeFileSync(join(source, 'build/version/version.txt'), `${version}\n`)
    go(source, 'build', '-trimpath', '-ldflags=-s -w', '-o', join(folder, 'ferretdb'), './cmd/ferretdb')
    renameSync(join(folder, 'ferretdb'), ferretdbPath)
  } catch (error) {
    say(`FerretDB was not built: ${String((error as { stderr?: unknown }).stderr ?? error).slice(-500)}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function hasGo(): boolean {
  try {
    const [, minor] = /go1\.(\d+)/.exec(execFileSync('go', ['version'], { encoding: 'utf8' })) ?? []
    return Number(minor) >= 24
  } catch {
    return false
  }
}
