// Puts the programs that boot and manage test hosts on a Debian or Ubuntu machine.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Each with the package that has it. */
const packages = {
  'systemd-nspawn': 'systemd-container',
  debootstrap: 'debootstrap',
  ip: 'iproute2',
  zstd: 'zstd',
  ssh: 'openssh-client',
  openssl: 'openssl',
  'ansible-playbook': 'ansible',
  'ansible-lint': 'ansible-lint',
  yamllint: 'yamllint',
} as const

const folders = () => [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']

export function missingHostPrograms(): string[] {
  return Object.keys(packages).filter((name) => !folders().some((folder) => existsSync(join(folder, name))))
}

/** Says what happens; failing is no end, as what is missing is asked for again. */
export function installHostPrograms(say: (text: string) => void): void {
  const missing = missingHostPrograms().map((name) => packages[name as keyof typeof packages])
  if (missing.length === 0) return
  say(`Installing: ${missing.join(', ')} ...`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const patience = ['-qq', '-o', 'Acquire::Retries=3', '-o', 'DPkg::Lock::Timeout=120']
  try {
    execFileSync('apt-get', [...patience, 'update'], { env, stdio: ['ignore', 2, 2] })
    execFileSync('apt-get', [...patience, 'install', '--yes', '--no-install-recommends', ...missing], {
      env,
      stdio: ['ignore', 2, 2],
    })
  } catch {
    say('apt-get failed')
  }
}
