// A hub of events: the built file in a folder of its own, its keys, and requests to it.
import { join } from 'node:path'
import type { Test } from 'tap'
import { openOutboxToRead } from '../../src/outbox/file.ts'
import { type Child, startChild } from '../services/child.ts'
import { type Answer, request } from '../services/http.ts'
import { type Finished, writeConfig } from '../services/program.ts'
import { type TemporaryFolder, temporaryFolder } from '../services/temporary.ts'

const builtFile = join(import.meta.dirname, '../../dist/workflow-reporting.mjs')

export interface RunningHub {
  child: Child
  url: string
}

export interface Sent extends Answer {
  /** The body as JSON. */
  json: { results?: Result[]; error?: string; [name: string]: unknown }
}

interface Result {
  index: number
  id: string | null
  status: string
  error?: string
  field?: string
  known?: boolean
}

export class HubSite {
  readonly folder: TemporaryFolder
  readonly file: string
  /** A command in front of the program, such as one that shows it a small disk. */
  through: string[] = []
  readonly #t: Test

  private constructor(t: Test, folder: TemporaryFolder) {
    this.#t = t
    this.folder = folder
    this.file = folder.file('events', 'events.sqlite')
  }

  /** In a folder that goes with the test. */
  static async make(t: Test): Promise<HubSite> {
    const folder = await temporaryFolder('hub')
    t.teardown(() => folder.remove())
    return new HubSite(t, folder)
  }

  config(events: object = {}, rest: object = {}): Promise<string> {
    const settings = { events: { file: 'events/events.sqlite', ...events }, serve: { listen: '127.0.0.1:0' }, ...rest }
    return writeConfig(this.folder.path, { state_dir: 'state', ...settings })
  }

  async start(events: object = {}, rest: object = {}): Promise<RunningHub> {
    const child = await this.#run('serve', '--config', await this.config(events, rest))
    this.#t.teardown(() => child.stop())
    const [, url] = await child.waitFor(/event=serving url=(\S+)/)
    return { child, url: url! }
  }

  async key(...options: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.keyCommand('create', '--source', 'galaxy', ...options)
    if (status !== 0) throw new Error(stderr)
    return stdout.trim()
  }

  async keyCommand(...args: string[]): Promise<Finished> {
    await using child = await this.#run('key', ...args, '--config', this.folder.file('config.yml'))
    const exit = await child.exited
    return { ...exit, stdout: child.stdout(), stderr: child.stderr() }
  }

  /** The ids of the events that are kept, in the order in which they were accepted. */
  ids(): string[] {
    const database = openOutboxToRead(this.file)
    const rows = database?.prepare('select id from event order by seq').all() ?? []
    database?.close()
    return rows.map(({ id }) => String(id))
  }

  async #run(...args: string[]): Promise<Child> {
    const [command, ...rest] = [...this.through, process.execPath, builtFile, ...args]
    return startChild(command!, rest)
  }
}

export const jsonType = { 'Content-Type': 'application/json' }

/** Sends a body to `POST /v1/events`; what is no text is sent as JSON. */
export async function send(
  url: string,
  key: string | null,
  body: unknown,
  headers: Record<string, string> = jsonType,
): Promise<Sent> {
  const authorization: Record<string, string> = key === null ? {} : { Authorization: `Bearer ${key}` }
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const answer = await request(`${url}v1/events`, {
    method: 'POST',
    headers: { ...authorization, ...headers },
    body: text,
  })
  return { ...answer, json: JSON.parse(answer.body) as Sent['json'] }
}

/** What `GET` answers at an address below `/v1/`. */
export async function ask(url: string, key: string, path: string, headers: Record<string, string> = {}): Promise<Sent> {
  const answer = await request(`${url}v1/${path}`, { headers: { Authorization: `Bearer ${key}`, ...headers } })
  return { ...answer, json: JSON.parse(answer.body) as Sent['json'] }
}

export const job = (payload: object = {}, type = 'started') => ({ category: 'job', type, payload })
