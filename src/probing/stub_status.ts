import { readFileSync } from 'node:fs'
import { messageOf } from '../base/errors.ts'
import type { CheckOf } from './check.ts'
import { type Finding, rounded, type Try } from './finding.ts'
import { Connections, RequestFailed } from './request.ts'

const pageBytes = 4096

/** What ngx_http_stub_status_module writes. */
const shape =
  /^Active connections: (\d+) \nserver accepts handled requests\n (\d+) (\d+) (\d+) \nReading: (\d+) Writing: (\d+) Waiting: (\d+) \n$/
const names = ['active', 'accepts', 'handled', 'requests', 'reading', 'writing', 'waiting'] as const

/** How many clients the last whole minute of an access log names; `null` where that is not known. */
export type CountClients = () => Promise<{ clients: number; requests: number; isExact: boolean } | null>

/**
 * Reads nginx's own numbers, and those of its log. The fields are those of Telegraf's `nginx`, and `unique_clients` and
 * `minute_requests` of the last whole minute.
 */
export function nginxTry(check: CheckOf<'nginx'>, countClients: CountClients | null): Try {
  const url = new URL(check.target)
  return async (timeoutMs, signal) => {
    const [status, logged] = await Promise.all([
      askStatus(check, url, timeoutMs, signal),
      countClients === null ? null : countClients().catch((error: unknown) => messageOf(error)),
    ])
    if (typeof logged === 'string')
      return { ...status, message: `${status.message}; clients are not counted: ${logged}` }
    if (logged === null) return status
    const { clients, requests, isExact } = logged
    const inexact = isExact ? {} : { unique_clients_exact: false }
    return { ...status, fields: { ...status.fields, unique_clients: clients, minute_requests: requests, ...inexact } }
  }
}

async function askStatus(check: CheckOf<'nginx'>, url: URL, timeoutMs: number, signal: AbortSignal): Promise<Finding> {
  let connections: Connections
  try {
    const ca = check.ca_file === undefined ? null : readFileSync(check.ca_file, 'utf8')
    connections = new Connections(check.verify_ssl, ca, timeoutMs, signal)
  } catch (error) {
    return { verdict: 'unknown', result: 'probe_error', message: `ca_file: ${messageOf(error)}`, fields: {} }
  }
  try {
    const asked = { method: 'GET', headers: check.headers, keepBytes: pageBytes, readBytes: pageBytes }
    const { status, body, responseMs } = await connections.request(url, asked)
    if (status !== 200) return failed('response_status_code_mismatch', `HTTP ${status}, expected 200`)
    const numbers = shape.exec(body.toString('latin1'))?.slice(1).map(Number)
    if (numbers === undefined)
      return failed(
        'response_string_mismatch',
        'the answer is none of stub_status. Does its location have `stub_status;`?',
      )
    const counts = Object.fromEntries(names.map((name, index) => [name, numbers[index]!]))
    const fields = { ...counts, response_time: rounded(responseMs) / 1000 }
    return { verdict: 'good', result: 'success', message: `${numbers[0]} active connections`, fields }
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw error
    return failed(error.result, error.message)
  } finally {
    connections.close()
  }
}

const failed = (result: string, message: string): Finding => ({ verdict: 'failed', result, message, fields: {} })
