// An nginx of a test's own, as Debian packages it, that writes an access log of what it is asked.
import { readlink, stat, writeFile } from 'node:fs/promises'
import { startChild } from './child.ts'
import { type Answer, type Request, request } from './http.ts'
import { programPath } from './needed.ts'
import { descendants } from './process_tree.ts'
import { freePort, temporaryFolder } from './temporary.ts'

export type NginxOptions = {
  accessLog: string
  /** nginx's `combined` when left out, else a log_format's text. */
  logFormat?: string | { text: string; escape?: 'default' | 'json' | 'none' }
  /** The port on 127.0.0.1 that answers requests; without it nginx answers them itself, see `request`. */
  upstreamPort?: number
  /** More of its server block, such as locations. */
  server?: string
  /** The environment of all its processes. */
  env?: Record<string, string>
}

export type Nginx = {
  readonly url: string
  readonly port: number
  readonly pid: number
  /**
   * Sends a request, by default a POST. Without an upstream the answer is 200, or what a header `X-Status` asks for
   * (400, 401, 403, 404, 429, 500, 502, 503, 504). nginx writes its line just after the answer: wait for it.
   */
  request(path: string, options?: Request): Promise<Answer>
  /** Has it open its log by name again, after a rename, and waits until every process writes to the new file. */
  reopen(): Promise<void>
  log(): string
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts a server on a free port; a few milliseconds. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const folder = await temporaryFolder('nginx')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  await writeFile(folder.file('nginx.conf'), configuration(folder.path, port, options))
  const server = await startChild(
    programPath('nginx'),
    ['-e', 'stderr', '-p', folder.path, '-c', folder.file('nginx.conf')],
    { cwd: folder.path, lastSignal: 'SIGTERM', ...(options.env && { env: options.env }) },
  )
  const stop = async () => {
    await server.stop()
    await folder.remove()
  }
  await server.waitFor(/start worker process \d+/).catch(async (error) => {
    await stop()
    throw error
  })

  return {
    url,
    port,
    pid: server.pid,
    request: (path, requestOptions = {}) => request(`${url}${path}`, { method: 'POST', ...requestOptions }),
    async reopen() {
      server.signal('SIGUSR1')
      await writtenByAll([server.pid, ...(await descendants(server.pid))], options.accessLog)
    },
    log: () => server.stderr(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** The master opens the new file first; for a moment its worker still writes to the old one. Nothing tells but /proc. */
async function writtenByAll(pids: number[], path: string, timeoutMs = 10_000) {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const open = await Promise.all(pids.map((pid) => hasOpen(pid, path)))
    if (!open.includes(false)) return
    if (Date.now() > deadline) throw new Error(`nginx did not open ${path} again`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

async function hasOpen(pid: number, path: string): Promise<boolean> {
  const wanted = await stat(path).catch(() => undefined)
  if (wanted === undefined) return false
  for (let descriptor = 0; descriptor < 64; descriptor += 1) {
    const link = `/proc/${pid}/fd/${descriptor}`
    if ((await readlink(link).catch(() => undefined)) === undefined) continue
    const open = await stat(link).catch(() => undefined)
    if (open?.ino === wanted.ino && open.dev === wanted.dev) return true
  }
  return false
}

const answers = [400, 401, 403, 404, 429, 500, 502, 503, 504]

function configuration(
  folder: string,
  port: number,
  { accessLog, logFormat = 'combined', upstreamPort, server = '', env = {} }: NginxOptions,
) {
  const format = typeof logFormat === 'string' ? { text: logFormat } : logFormat
  const isOwn = format.text !== 'combined'
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const answer =
    upstreamPort === undefined
      ? [...answers.map((status) => `if ($http_x_status = ${status}) { return ${status}; }`), "return 200 '{}';"]
      : [`proxy_pass http://127.0.0.1:${upstreamPort};`, 'proxy_set_header Host $http_host;']
  return `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
${Object.keys(env)
  .map((name) => `env ${name};`)
  .join('\n')}
pid ${folder}/nginx.pid;
error_log stderr notice;
events {}
http {
${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
${isOwn ? `log_format own escape=${format.escape ?? 'default'} ${quoted(format.text)};` : ''}
access_log ${quoted(accessLog)} ${isOwn ? 'own' : 'combined'};
server {
listen 127.0.0.1:${port};
${server}
location / {
${answer.join('\n')}
}
}
}
`
}

const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`
