// A whole Debian host with its own systemd, network and files, booted from the image.
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { must, type Outcome, run } from './command.ts'
import { makeControlGroup } from './control_group.ts'

/** Addresses that are for examples only, and nobody's. */
export const network = { bridge: 'laboratory', prefix: '192.0.2' } as const

export const controlGroupPrefix = 'workflow-reporting-host-'

export type Machine = {
  readonly name: string
  readonly address: string
  /** Runs a line of shell as root, over ssh; any status is an outcome. */
  shell(line: string, options?: { input?: string; timeoutMs?: number }): Promise<Outcome>
  /** The same for what must go well; returns what it wrote. */
  must(line: string, options?: { input?: string; timeoutMs?: number }): Promise<string>
  /** Writes a file on it, with its folder. */
  write(path: string, text: string, mode?: number): Promise<void>
  /** Switches it off as a person does, and waits until it is. */
  powerOff(): Promise<void>
  /** Boots it, after `powerOff`, with its files as they were. */
  powerOn(): Promise<void>
  /** Boots it again from within. */
  reboot(): Promise<void>
}

export type MachineSettings = {
  name: string
  address: string
  folder: string
  /** The folders that it starts from, the topmost first. */
  layers: string[]
  keyFile: string
  knownHostsFile: string
}

/** nspawn's exit status for a host that wants to be booted again. */
const wantsReboot = 133
const bootMs = 90_000

export async function bootMachine(settings: MachineSettings): Promise<Machine> {
  const { name, address, folder, keyFile } = settings
  const root = join(folder, name, 'root')
  for (const part of ['upper', 'work', 'root']) mkdirSync(join(folder, name, part), { recursive: true })
  const layers = `lowerdir=${settings.layers.join(':')},upperdir=${folder}/${name}/upper,workdir=${folder}/${name}/work`
  await must('mount', ['-t', 'overlay', '-o', layers, 'overlay', root])
  await makeNetwork(name, address)
  writeFileSync(join(root, 'etc/hostname'), `${name}\n`)
  for (const [home, owner] of [
    ['root', '0:0'],
    ['home/ubuntu', '1000:1000'],
  ] as const) {
    mkdirSync(join(root, home, '.ssh'), { recursive: true, mode: 0o700 })
    writeFileSync(join(root, home, '.ssh/authorized_keys'), readFileSync(`${keyFile}.pub`), { mode: 0o600 })
    await must('chown', ['-R', owner, join(root, home, '.ssh')])
  }
  await must('ssh-keygen', ['-A', '-f', root])
  chmodSync(join(root, 'etc/ssh'), 0o755)
  symlinkSync('/lib/systemd/system/ssh.service', join(root, 'etc/systemd/system/multi-user.target.wants/ssh.service'))
  const hostKey = readFileSync(join(root, 'etc/ssh/ssh_host_ed25519_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
  appendFileSync(settings.knownHostsFile, `${address} ${hostKey}\n`)

  const group = makeControlGroup(`${controlGroupPrefix}${process.env['LABORATORY']}-${name}`)
  let host: ChildProcess | undefined
  let off: Promise<void> = Promise.resolve()
  const ssh = ['-i', keyFile, '-o', `UserKnownHostsFile=${settings.knownHostsFile}`, '-o', 'ConnectTimeout=5']
  const shell: Machine['shell'] = (line, options = {}) =>
    run('ssh', [...ssh, '-o', 'BatchMode=yes', `root@${address}`, line], options)

  async function powerOn() {
    const console = openSync(join(folder, name, 'console'), 'a')
    const started = spawn('sh', ['-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', group, ...nspawn(settings)], {
      env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
      stdio: ['ignore', console, console],
    })
    host = started
    const ended = new Promise<number | null>((resolve) => started.once('exit', resolve))
    off = ended.then((status) => (status === wantsReboot && host === started ? powerOn() : undefined))
    await until(
      bootMs,
      async () => {
        const { stdout } = await shell('systemctl is-system-running')
        return /^(running|degraded)/.test(stdout)
      },
      () => `${name} has not booted; its console:\n${readFileSync(join(folder, name, 'console'), 'utf8').slice(-3000)}`,
    )
  }

  const mustOn: Machine['must'] = async (line, options) => {
    const outcome = await shell(line, options)
    if (outcome.status === 0) return outcome.stdout
    throw new Error(`on ${name}: ${line}\nended with ${outcome.status}: ${outcome.stdout}\n${outcome.stderr}`)
  }

  await powerOn()
  return {
    name,
    address,
    shell,
    must: mustOn,
    async write(path, text, mode = 0o644) {
      const line = `mkdir -p "$(dirname ${path})" && cat > ${path} && chmod ${mode.toString(8)} ${path}`
      await mustOn(line, { input: text })
    },
    async powerOff() {
      const ending = host
      host = undefined
      if (ending === undefined || ending.exitCode !== null) return
      const ended = new Promise((resolve) => ending.once('exit', resolve))
      ending.kill('SIGTERM')
      const timer = setTimeout(() => ending.kill('SIGKILL'), 60_000)
      await ended
      clearTimeout(timer)
      await off
    },
    powerOn,
    async reboot() {
      const before = await mustOn('cat /proc/sys/kernel/random/boot_id; systemctl show -p UserspaceTimestampMonotonic')
      await shell('systemctl reboot')
      await until(
        bootMs,
        async () => {
          const { status, stdout } = await shell(
            'cat /proc/sys/kernel/random/boot_id; systemctl show -p UserspaceTimestampMonotonic; systemctl is-system-running',
          )
          return stdout !== '' && status !== 255 && !stdout.startsWith(before) && /^(running|degraded)/m.test(stdout)
        },
        () => `${name} has not come back after a reboot`,
      )
    },
  }
}

function nspawn({ name, folder }: MachineSettings): string[] {
  return [
    'systemd-nspawn',
    '--quiet',
    `--directory=${folder}/${name}/root`,
    `--machine=${name}`,
    '--register=no',
    '--keep-unit',
    '--boot',
    `--network-namespace-path=/run/netns/${name}`,
    `--bind=${folder}/${name}/log:/var/log`,
    '--resolv-conf=off',
    '--timezone=off',
    '--console=pipe',
    '--kill-signal=SIGRTMIN+3',
  ]
}

/** A network namespace with one cable, whose other end is on the laboratory's bridge. */
async function makeNetwork(name: string, address: string): Promise<void> {
  const inside = (...args: string[]) => must('ip', ['-n', name, ...args])
  // The kernel has 15 letters for an interface.
  const cable = `to-${name.split('.')[0]}`
  await must('ip', ['netns', 'add', name])
  await must('ip', ['link', 'add', cable, 'type', 'veth', 'peer', 'name', 'host0', 'netns', name])
  await must('ip', ['link', 'set', cable, 'master', network.bridge, 'up'])
  await inside('addr', 'add', `${address}/24`, 'dev', 'host0')
  await inside('link', 'set', 'host0', 'up')
  await inside('link', 'set', 'lo', 'up')
}

/** Asks until it is so. */
export async function until(
  timeoutMs: number,
  isSo: () => Promise<boolean>,
  complaint: () => string | Promise<string>,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(await complaint())
    await sleep(300)
  }
}
