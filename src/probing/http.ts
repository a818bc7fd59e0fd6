import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { messageOf } from '../base/errors.ts'
import type { CheckOf } from './check.ts'
import { type Finding, rounded, type Try } from './finding.ts'
import { loadResources, type PageLoad, redirectOf } from './page.ts'
import { type Answer, Connections, RequestFailed } from './request.ts'

/** Telegraf's codes of `http_response`, and behind them two of our own. */
const codes = {
  success: 0,
  response_string_mismatch: 1,
  body_read_error: 2,
  connection_failed: 3,
  timeout: 4,
  dns_error: 5,
  response_status_code_mismatch: 6,
  certificate_expires: 7,
  page_incomplete: 8,
}
type Result = keyof typeof codes

const keepBytes = 5 * 1024 * 1024
const readBytes = 50 * 1024 * 1024
/** A pattern may take for ever on a text that somebody chose for it. */
const patternMs = 1000

/**
 * Asks a web server, and looks at what it says. The fields are those of Telegraf's `http_response`
 * (plugins/inputs/http_response/README.md), and those of the certificate and of the whole page.
 */
export function httpTry(check: CheckOf<'http'>): Try {
  const target = new URL(check.target)
  const headersFor = (url: URL) => (url.origin === target.origin ? check.headers : {})
  return async (timeoutMs, signal) => {
    let ca: string | null
    try {
      ca = check.ca_file === undefined ? null : readFileSync(check.ca_file, 'utf8')
    } catch (error) {
      return { verdict: 'unknown', result: 'probe_error', message: `ca_file: ${messageOf(error)}`, fields: {} }
    }
    const connections = new Connections(check.verify_ssl, ca, timeoutMs, signal)
    const startedMs = performance.now()
    try {
      const answer = await following(check, target, connections, headersFor)
      const fields = fieldsOf(check, answer, performance.now() - startedMs)
      const judged = judge(check, answer, fields)
      if (judged.result !== 'success' || !check.page) return finding(judged, fields)
      const load = await loadResources(answer, connections, headersFor)
      return finding(judgePage(load, judged), { ...fields, ...pageFields(load, answer, startedMs) })
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error
      const fields = error.tlsError === null ? {} : { tls_error: error.tlsError }
      return finding({ result: error.result, message: error.message }, fields)
    } finally {
      connections.close()
    }
  }
}

interface Judged {
  result: Result
  message: string
}

function finding({ result, message }: Judged, fields: Finding['fields']): Finding {
  const all = { ...fields, result_code: codes[result] }
  return { verdict: result === 'success' ? 'good' : 'failed', result, message, fields: all }
}

type WholeAnswer = Answer & { redirects: number }

async function following(
  { method, redirects: redirectsMax }: CheckOf<'http'>,
  target: URL,
  connections: Connections,
  headersFor: (url: URL) => Record<string, string>,
): Promise<WholeAnswer> {
  let [url, days, responseMs] = [target, Number.POSITIVE_INFINITY, 0]
  for (let redirects = 0; ; redirects++) {
    const answer = await connections.request(url, { method, headers: headersFor(url), keepBytes, readBytes })
    days = Math.min(days, answer.certificateDays ?? Number.POSITIVE_INFINITY)
    responseMs += answer.responseMs
    const next = redirects < redirectsMax ? redirectOf(answer) : null
    if (next === null) return { ...answer, responseMs, redirects, certificateDays: Number.isFinite(days) ? days : null }
    url = next
    if (method !== 'HEAD' && answer.status <= 303) method = 'GET'
  }
}

function fieldsOf(check: CheckOf<'http'>, answer: WholeAnswer, elapsedMs: number): Finding['fields'] {
  const { status, bytes, isCut, responseMs, redirects, certificateDays } = answer
  return {
    method: check.method,
    http_response_code: status,
    response_time: rounded(responseMs) / 1000,
    transfer_ms: rounded(elapsedMs),
    content_length: bytes,
    ...(isCut && { body_cut: true }),
    ...(redirects > 0 && { redirects }),
    ...(certificateDays !== null && { certificate_days: certificateDays }),
    response_status_code_match: isStatusGood(check, status) ? 1 : 0,
  }
}

function judge(check: CheckOf<'http'>, answer: WholeAnswer, fields: Finding['fields']): Judged {
  const { status, responseMs, certificateDays: days } = answer
  const said = `HTTP ${status} in ${Math.round(responseMs)} ms`
  if (!isStatusGood(check, status)) {
    const wanted = check.status === undefined ? '200 to 299' : check.status.join(', ')
    return { result: 'response_status_code_mismatch', message: `HTTP ${status}, expected ${wanted}` }
  }
  const missing = missingText(check, answer)
  if (check.body_text !== undefined || check.body_regex !== undefined)
    fields['response_string_match'] = missing === null ? 1 : 0
  if (missing !== null) return { result: 'response_string_mismatch', message: missing }
  if (days !== null && days < check.certificate_days) {
    const when = days < 0 ? 'is no longer good' : `is good for ${days} more days, fewer than ${check.certificate_days}`
    return { result: 'certificate_expires', message: `${said}, but the certificate ${when}` }
  }
  return { result: 'success', message: said }
}

function isStatusGood({ status: good }: CheckOf<'http'>, status: number): boolean {
  return good === undefined ? status >= 200 && status <= 299 : good.includes(status)
}

/** What the body lacks; `null` where nothing. Neither the body nor what it should hold is told. */
function missingText({ body_text, body_regex }: CheckOf<'http'>, { body, headers }: Answer): string | null {
  if (body_text === undefined && body_regex === undefined) return null
  const text = textOf(body, headers['content-type'])
  if (body_text !== undefined && !text.includes(body_text)) return 'the body has not the text of body_text'
  if (body_regex === undefined) return null
  try {
    const isThere: unknown = runInNewContext(
      'pattern.test(text)',
      { pattern: new RegExp(body_regex), text },
      { timeout: patternMs },
    )
    return isThere === true ? null : 'the body does not match body_regex'
  } catch {
    return `body_regex took more than ${patternMs / 1000} s on the body. Write it simpler`
  }
}

function textOf(body: Buffer, contentType = ''): string {
  const charset = /charset="?([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset).decode(body)
  } catch {
    return body.toString('latin1')
  }
}

function judgePage({ failures, resources }: PageLoad, judged: Judged): Judged {
  if (failures.length === 0) return { ...judged, message: `${judged.message}, page of ${resources} resources` }
  const more = failures.length > 3 ? ` and ${failures.length - 3} more` : ''
  const message = `${failures.length} of ${resources} resources failed: ${failures.slice(0, 3).join('; ')}${more}`
  return { result: 'page_incomplete', message }
}

function pageFields(load: PageLoad, document: Answer, startedMs: number): Finding['fields'] {
  return {
    page_seconds: rounded(performance.now() - startedMs) / 1000,
    page_bytes: document.bytes + load.bytes,
    page_resources: load.resources,
    page_failed: load.failures.length,
    ...(load.isCut && { page_cut: true }),
  }
}
