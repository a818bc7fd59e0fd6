// Signals to a server and everything it has forked.
import { readdir, readFile, readlink } from 'node:fs/promises'

/** The pids of the living descendants of a process, parents first. */
export async function descendants(pid: number): Promise<number[]> {
  const children = new Map<number, number[]>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = await parentOf(name)
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const found: number[] = []
  const queue = [pid]
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const below = children.get(next) ?? []
    found.push(...below)
    queue.push(...below)
  }
  return found
}

async function parentOf(pid: string): Promise<number | undefined> {
  const [state, parent] = await statusOf(pid)
  return state === undefined || state === 'Z' ? undefined : Number(parent)
}

async function stateOf(pid: string): Promise<string | undefined> {
  return (await statusOf(pid))[0]
}

/** State, parent and more of what the kernel tells; nothing where the process is gone. */
async function statusOf(pid: string): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** True while a process runs; one that has ended and was not yet fetched by its parent does not count. */
export async function isAlive(pid: number): Promise<boolean> {
  return (await parentOf(String(pid))) !== undefined
}

/** Sends a signal to a process and its descendants; the process comes first, so that it forks no more meanwhile. */
export async function signalTree(pid: number, name: NodeJS.Signals): Promise<number[]> {
  send(pid, name)
  const below = await descendants(pid)
  for (const one of below) send(one, name)
  return [pid, ...below]
}

/** Stops a process and what it has forked in their tracks, and waits until every thread of theirs stands still. */
export async function pauseTree(pid: number): Promise<void> {
  send(pid, 'SIGSTOP')
  await untilStill(pid) // From here on it forks no more.
  const below = await descendants(pid)
  for (const one of below) send(one, 'SIGSTOP')
  await Promise.all(below.map(untilStill))
}

async function untilStill(pid: number) {
  for (;;) {
    const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
    const states = await Promise.all(threads.map((thread) => stateOf(`${pid}/task/${thread}`)))
    if (states.every((state) => state === undefined || 'TtZX'.includes(state))) return
    await new Promise(setImmediate)
  }
}

/** Kills whatever has its working folder in this one: a server that was paused when its test was killed. */
export async function killAllIn(folder: string): Promise<void> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number)
  const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')))
  const inside = pids.filter((_, index) => `${places[index]}/`.startsWith(`${folder}/`))
  for (const pid of inside) send(pid, 'SIGKILL')
  await allGone(inside)
}

/** Waits until none of these processes is left. They need not be children of ours, so there is no event to wait for. */
export async function allGone(pids: number[], timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const alive = await Promise.all(pids.map(isAlive))
    if (!alive.includes(true)) return
    if (Date.now() > deadline) throw new Error(`Still running: ${pids.filter((_, index) => alive[index]).join(', ')}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function send(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
