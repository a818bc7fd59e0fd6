// The programs that tests need from the machine, where they are, and what a test does where one is missing.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { postgresPrograms } from './postgres_programs.ts'

/** Each with the Debian package that has it. */
export const packages = {
  postgres: 'postgresql',
  influxd: 'influxdb',
  nginx: 'nginx-light',
  openssl: 'openssl',
  logrotate: 'logrotate',
  python3: 'python3',
  git: 'git',
  chromium: 'chromium',
  faketime: 'faketime',
  'rabbitmq-server': 'rabbitmq-server',
  ping: 'iputils-ping',
  ip: 'iproute2',
} as const

export type Program = keyof typeof packages

/** Where a program is. Debian keeps servers in folders that only root's path has, and RabbitMQ's behind a wrapper. */
export function findProgram(name: Program): string | undefined {
  if (name === 'postgres') return postgresPrograms()
  const folders = [
    '/usr/lib/rabbitmq/bin',
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/local/sbin',
    '/usr/sbin',
    '/sbin',
  ]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** The same for those who can't do without. */
export function programPath(name: Program): string {
  const path = findProgram(name)
  if (path === undefined) throw new Error(`${name} is missing (Debian: apt-get install ${packages[name]})`)
  return path
}

/**
 * Options for a test that needs programs of the machine: `test('...', needs('postgres', 'influxd'), async (t) => ...)`.
 * Where one is missing the test is left out, which `npm test` lists and counts, and takes for a failure in CI.
 */
export function needs(...names: Program[]): { skip: false | string } {
  const missing = names.filter((name) => findProgram(name) === undefined)
  return { skip: missing.length > 0 && `needs ${missing.join(', ')}` }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
