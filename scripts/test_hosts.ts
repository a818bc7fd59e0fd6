// `npm run test:hosts`: the playbooks against two booted Debian hosts. The last line is `N passed, N failed`.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from '../test/hosts/command.ts'
import { removeControlGroups } from '../test/hosts/control_group.ts'
import { hostImage } from '../test/hosts/image.ts'
import { controlGroupPrefix } from '../test/hosts/machine.ts'
import { installHostPrograms, missingHostPrograms } from './testing/host_programs.ts'
import { lintRoles } from './testing/lint_roles.ts'
import { type Tally, tallyOf } from './testing/tally.ts'

process.chdir(join(import.meta.dirname, '..'))
const say = (text: string) => console.log(`# ${text}`)

/** Why this machine cannot boot hosts; nothing where it can. */
function obstacle(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux'
  if (!existsSync('/usr/bin/apt-get')) return 'it needs Debian or Ubuntu'
  if (!readFileSync('/proc/mounts', 'utf8').includes(' cgroup2 ')) return 'it needs a cgroup2 mount'
  installHostPrograms(say)
  const missing = missingHostPrograms()
  return missing.length > 0 ? `it needs ${missing.join(', ')}` : undefined
}

async function main(): Promise<void> {
  const reason = obstacle()
  if (reason !== undefined) {
    report([], [], [reason])
    return
  }
  const linted = await lintRoles(say)
  for (const { name, output, status } of linted) {
    console.log(`${status === 'failed' ? 'not ok' : 'ok'} - ${name}${status === 'not run' ? ` # SKIP ${output}` : ''}`)
    if (status === 'failed') console.log(output)
  }
  const image = await hostImage(say)
  const folder = await mkdtemp(join(tmpdir(), 'workflow-reporting-hosts-'))
  try {
    const archive = join(folder, 'workflow-reporting.tar.gz')
    await must(process.execPath, ['scripts/package.ts', archive])
    const { passed, failed, notRun } = await prove(image, archive)
    const named = (wanted: string) => linted.filter(({ status }) => status === wanted).map(({ name }) => name)
    report(
      [...named('passed'), ...Array<string>(passed).fill('')],
      [...named('failed'), ...failed],
      [...named('not run'), ...notRun],
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs it in namespaces of its own: whatever way it ends, the kernel takes processes, mounts and networks with it. */
async function prove(image: string, archive: string): Promise<Tally> {
  const laboratory = `${process.pid}`
  const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private']
  const deployment = [process.execPath, 'test/hosts/deployment.ts', image, archive, ...process.argv.slice(2)]
  const child = spawn('unshare', [...namespaces, ...deployment], {
    env: { ...process.env, LABORATORY: laboratory, TAP_TIMEOUT: '3600' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    process.stdout.write(text)
  })
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  // The one thing that the kernel leaves.
  await removeControlGroups(`${controlGroupPrefix}${laboratory}-`)
  return tallyOf(output, status === 0 ? undefined : `ended with ${status}`)
}

function report(passed: string[], failed: string[], notRun: string[]) {
  if (failed.length > 0) console.log(['', 'Failed:', ...failed.map((name) => `  ${name}`)].join('\n'))
  if (notRun.length > 0) console.log(['', 'Not run:', ...notRun.map((name) => `  ${name}`)].join('\n'))
  console.log(`${passed.length} passed, ${failed.length} failed`)
  process.exitCode = failed.length > 0 ? 1 : 0
}

// Whatever happens, the last line tells how it ended.
await main().catch((error: Error) => report([], [error.stack ?? error.message], []))
