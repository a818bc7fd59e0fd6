// The roles' linters, and the playbooks against booted Debian hosts, where this machine can boot any.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must } from '../../test/hosts/command.ts'
import { removeControlGroups } from '../../test/hosts/control_group.ts'
import { brokerLayer, hostImage } from '../../test/hosts/image.ts'
import { controlGroupPrefix } from '../../test/hosts/machine.ts'
import { installHostPrograms, missingHostPrograms } from './host_programs.ts'
import { lintRoles } from './lint_roles.ts'
import { type Tally, tallyOf } from './tally.ts'

const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private']

export type HostRunOptions = {
  /**
   * `events` for the hub of events and its probes; parts of test/hosts/deployment.ts to play after the collector's first
   * deployment; all where none is named.
   */
  parts: string[]
  say: (text: string) => void
  /** Gets the tests' TAP as it comes. */
  print: (text: string) => void
  /** Ends it at once, and everything that it started. */
  signal: AbortSignal
}

/** Counts what was tried; where this machine cannot boot hosts, `notRun` says why and nothing else was done. */
export async function runOnHosts({ parts, say, print, signal }: HostRunOptions): Promise<Tally> {
  const reason = obstacle(say)
  if (reason !== undefined) return { passed: 0, failed: [], notRun: [`this machine can't boot hosts: ${reason}`] }
  const linted = await lintRoles(say)
  for (const { name, output, status } of linted) {
    print(`${status === 'failed' ? 'not ok' : 'ok'} - ${name}${status === 'not run' ? ` # SKIP ${output}` : ''}\n`)
    if (status === 'failed') print(`${output}\n`)
  }
  const image = await hostImage(say)
  const folder = await mkdtemp(join(tmpdir(), 'workflow-reporting-hosts-'))
  try {
    const archive = join(folder, 'workflow-reporting.tar.gz')
    await must(process.execPath, ['scripts/package.ts', archive])
    const ofCollector = parts.filter((part) => part !== 'events')
    const tallies: Tally[] = []
    if (parts.length === 0 || ofCollector.length > 0)
      tallies.push(await play('deployment.ts', [image, archive, ...ofCollector], print, signal))
    // One site after the other: both lie in memory.
    if (parts.length === 0 || parts.includes('events'))
      tallies.push(await play('events_deployment.ts', [image, await brokerLayer(image, say), archive], print, signal))
    const named = (wanted: string) => linted.filter(({ status }) => status === wanted).map(({ name }) => name)
    return {
      passed: tallies.reduce((sum, { passed }) => sum + passed, named('passed').length),
      failed: [...named('failed'), ...tallies.flatMap(({ failed }) => failed)],
      notRun: [...named('not run'), ...tallies.flatMap(({ notRun }) => notRun)],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Why this machine cannot boot hosts; nothing where it can. */
function obstacle(say: (text: string) => void): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux'
  if (!existsSync('/usr/bin/apt-get')) return 'it needs Debian or Ubuntu'
  if (!readFileSync('/proc/mounts', 'utf8').includes(' cgroup2 ')) return 'it needs a cgroup2 mount'
  try {
    execFileSync('unshare', [...namespaces, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' })
  } catch {
    return 'it may not make namespaces and mount in them'
  }
  installHostPrograms(say)
  const missing = missingHostPrograms()
  return missing.length > 0 ? `it needs ${missing.join(', ')}` : undefined
}

/** In namespaces of its own: whatever way it ends, the kernel takes processes, mounts and networks with it. */
async function play(
  program: string,
  args: string[],
  print: (text: string) => void,
  signal: AbortSignal,
): Promise<Tally> {
  const laboratory = `${process.pid}`
  const child = spawn('unshare', [...namespaces, process.execPath, `test/hosts/${program}`, ...args], {
    env: { ...process.env, LABORATORY: laboratory, TAP_TIMEOUT: '3600' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = () => child.kill('SIGKILL')
  signal.addEventListener('abort', kill)
  if (signal.aborted) kill()
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    print(text)
  })
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  signal.removeEventListener('abort', kill)
  // The one thing that the kernel leaves.
  await removeControlGroups(`${controlGroupPrefix}${laboratory}-`)
  return tallyOf(output, status === 0 ? undefined : `ended with ${status}`)
}
