// The kernel's groups that hold a test host's processes, each host's apart, as a host's systemd wants a tree of its own.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const mounts = () =>
  readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))

/** Where the kernel's second kind of groups is mounted. */
function unifiedMount(): string {
  const found = mounts().find(([, , type]) => type === 'cgroup2')?.[1]
  if (found === undefined) throw new Error('this machine has no cgroup2 mount, which hosts with systemd need')
  return found
}

/** And the first kind's named one, which older machines keep beside it; nspawn makes groups there, too. */
const namedMount = () =>
  mounts().find(([, , type, options]) => type === 'cgroup' && options?.includes('name=systemd'))?.[1]

/** Makes a group and returns its folder. */
export function makeControlGroup(name: string): string {
  const folder = join(unifiedMount(), name)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Removes every group that makeControlGroup made with this beginning of a name, once their processes have ended. */
export async function removeControlGroups(beginning: string): Promise<void> {
  for (const mount of [unifiedMount(), namedMount()]) {
    if (mount === undefined) continue
    for (const name of readdirSync(mount)) if (name.startsWith(beginning)) await removeSoon(join(mount, name))
  }
}

async function removeSoon(folder: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      removeTree(folder)
      return
    } catch (error) {
      if (attempt === 100) throw error
      await sleep(100)
    }
  }
}

/** A group can be removed when those below it are gone. */
function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(folder, entry.name))
  if (existsSync(folder)) rmdirSync(folder)
}
