// Puts the servers that tests need on a Debian or Ubuntu machine, without starting the distribution's own.
import { execFileSync } from 'node:child_process'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { findProgram, type Program, packages } from '../../test/services/needed.ts'

const all = Object.keys(packages) as Program[]

/** The programs that tests need and this machine does not have. */
export function missingPrograms(): Program[] {
  return all.filter((name) => findProgram(name) === undefined)
}

export const installCommand = (missing: Program[]): string =>
  `apt-get install ${missing.map((name) => packages[name]).join(' ')}`

/** Installs what is missing where that can be done: as root, with apt-get. Says what happens; failing is no end. */
export function installMissing(say: (text: string) => void): void {
  const missing = missingPrograms()
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    say(`Missing: ${missing.join(', ')}. On Debian or Ubuntu, as root: ${installCommand(missing)}`)
    return
  }
  say(`Installing: ${missing.map((name) => packages[name]).join(', ')} ...`)
  // A signal must not leave the policy behind; it is answered as soon as apt-get has ended.
  const wait = () => {}
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, wait)
  try {
    forbidServices()
    attempt(say, 'update')
    // One package that this release doesn't have must not keep the others away.
    for (const name of missing) attempt(say, 'install', '--yes', '--no-install-recommends', packages[name])
  } finally {
    allowServices()
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, wait)
  }
}

function attempt(say: (text: string) => void, ...args: string[]) {
  const patience = ['-o', 'Acquire::Retries=3', '-o', 'DPkg::Lock::Timeout=120', '-qq']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    execFileSync('apt-get', [...patience, ...args], { env, stdio: ['ignore', 2, 2] })
  } catch {
    say(`apt-get ${args.join(' ')} failed`)
  }
}

// Debian asks this program before a package's installation starts a service; 101 means that it may not.
const policy = '/usr/sbin/policy-rc.d'
const saved = `${policy}.before-tests`

function forbidServices() {
  if (existsSync(policy) && !existsSync(saved)) renameSync(policy, saved)
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
}

function allowServices() {
  if (existsSync(saved)) renameSync(saved, policy)
  else rmSync(policy, { force: true })
}
