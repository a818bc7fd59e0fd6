import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The folder of the newest PostgreSQL's programs, which Debian keeps out of the path; nothing where there is none. */
export function postgresPrograms(root = '/usr/lib/postgresql'): string | undefined {
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  return versions.map((version) => join(root, version, 'bin')).find((folder) => existsSync(join(folder, 'postgres')))
}
