import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { HttpError, InfluxDB, setLogger, type WriteApi } from '@influxdata/influxdb-client'
import { codeOf, messageOf, Refused, Unavailable } from '../base/errors.ts'

export interface InfluxdbSettings {
  /** Where in the configuration they stand, for remedies: `influxdb`. */
  section: string
  url: string
  /** 1.x; or `bucket` and `org` for 2.x and later. */
  database: string | null
  username: string | null
  password: string | null
  org: string | null
  bucket: string | null
  token: string | null
  verifySsl: boolean
  caFile: string | null
}

const timeoutMs = 30_000
/** Of one request. More would only make a refused line dearer to find. */
export const linesMax = 5000
/** What InfluxDB says of points that it will never take. */
const refusing = new Set([400, 413, 422])

// The library writes to standard error by itself; what fails is told by whoever called.
setLogger({ error: () => {}, warn: () => {} })

/** A series of an answer: its columns, and a row for each point. */
export interface Answer {
  rows: unknown[][]
  /** The server has more rows than it tells in one answer (`max-row-limit`). */
  isCut: boolean
}

/** Writes line protocol to InfluxDB 1.x or 2.x, or reads it, over one connection that is kept open. */
export class Influxdb {
  readonly where: string
  readonly #settings: InfluxdbSettings
  readonly #agent: http.Agent
  readonly #client: InfluxDB
  readonly #api: WriteApi

  /** @param answerMs how long one request may take, at most 30 s */
  constructor(settings: InfluxdbSettings, answerMs: number = timeoutMs) {
    const { url, database, bucket, org, username, password, token, verifySsl, caFile } = settings
    this.#settings = settings
    this.where = `${new URL(url).origin}, ${database === null ? `bucket ${bucket}` : `database ${database}`}`
    const connection = { keepAlive: true, maxSockets: 1 }
    this.#agent = url.startsWith('https:')
      ? new https.Agent({
          ...connection,
          rejectUnauthorized: verifySsl,
          ...(caFile !== null && { ca: readFileSync(caFile) }),
        })
      : new http.Agent(connection)
    this.#client = new InfluxDB({
      url,
      timeout: Math.min(timeoutMs, answerMs),
      ...(token !== null && { token }),
      ...(token === null && username !== null && { headers: { Authorization: basic(username, password ?? '') } }),
      transportOptions: { agent: this.#agent },
    })
    // Batches, their repetition and their bounds are the pipeline's: one call here is one request.
    this.#api = this.#client.getWriteApi(org ?? '', bucket ?? '', 'ns', {
      batchSize: linesMax + 1,
      maxBatchBytes: Number.MAX_SAFE_INTEGER,
      flushInterval: 0,
      maxRetries: 0,
    })
    if (database !== null) this.#api.path = `/write?db=${encodeURIComponent(database)}&precision=ns`
  }

  /**
   * Writes at most `linesMax` lines in one request. The same line may be written any number of times.
   *
   * @throws Refused where at least one of the lines will never be taken; others of them may have been
   * @throws Unavailable where it cannot be told
   */
  async write(lines: string[]): Promise<void> {
    this.#api.writeRecords(lines)
    try {
      await this.#api.flush()
    } catch (error) {
      throw this.#translate(error, 'write')
    }
  }

  /**
   * Asks one InfluxQL SELECT of one measurement. The answer is held whole, so the statement needs a LIMIT. Times come as
   * texts to the nanosecond. 2.x answers at the same address, by the name of the bucket, which there needs a mapping to
   * a database (`influx v1 dbrp`; newer versions have one for each bucket by themselves).
   *
   * @throws Unavailable
   */
  async select(statement: string): Promise<Answer> {
    const { database, bucket } = this.#settings
    const path = `/query?${new URLSearchParams({ db: database ?? bucket ?? '', q: statement })}`
    let answer: QueryAnswer
    try {
      answer = await this.#client.transport.request(path, '', { method: 'POST' })
    } catch (error) {
      const translated = this.#translate(error, 'read')
      if (!(translated instanceof Refused)) throw translated
      throw new Unavailable(translated.trouble)
    }
    const result = answer?.results?.[0]
    const said = answer?.error ?? result?.error
    if (said !== undefined || result === undefined) {
      const remedy = /not found/.test(said ?? '') ? this.#remedyFor(404, 'read') : {}
      throw new Unavailable({ what: 'InfluxDB', where: this.where, cause: said ?? 'its answer is none', ...remedy })
    }
    const series = result.series?.[0]
    return { rows: series?.values ?? [], isCut: result.partial === true || series?.partial === true }
  }

  /**
   * Asks whether lines would be taken, without any: address, user, right to write and database are looked at by the
   * server before the lines are.
   *
   * @throws Unavailable with what is to be mended
   */
  async probe(): Promise<void> {
    try {
      await this.write(['# check'])
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }
  }

  async close(): Promise<void> {
    await this.#api.close().catch(() => {})
    this.#agent.destroy()
  }

  #translate(error: unknown, purpose: Purpose): Error {
    const where = this.where
    if (!(error instanceof HttpError)) {
      const code = codeOf(error)
      const remedy = remedyOf(code, this.#settings.section)
      return new Unavailable({
        what: 'InfluxDB',
        where,
        cause: messageOf(error),
        ...(remedy !== undefined && { remedy }),
      })
    }
    const said = saidBy(error.body)
    const cause = `HTTP ${error.statusCode}: ${said ?? error.statusMessage ?? ''}`.slice(0, 300)
    // A proxy's own 400, such as for plain HTTP to an HTTPS port, says nothing about the points.
    if (refusing.has(error.statusCode) && (said !== null || error.statusCode === 413)) {
      return new Refused({ what: 'InfluxDB', where, cause })
    }
    return new Unavailable({ what: 'InfluxDB', where, cause, ...this.#remedyFor(error.statusCode, purpose) })
  }

  #remedyFor(status: number, purpose: Purpose): { remedy?: string } {
    const { section, database, bucket } = this.#settings
    const place = database ?? bucket
    const isWrite = purpose === 'write'
    if (status === 401) {
      const keys = `${section}.username and ${section}.password, or ${section}.token`
      return { remedy: isWrite ? `Check ${keys}` : `Check ${section}.read, or where that is not given ${keys}` }
    }
    if (status === 403) {
      const right = isWrite ? `to write to ${place}` : `to read ${place}, or name in ${section}.read who may`
      return { remedy: `Give the user of ${section}.username, or the token, the right ${right}` }
    }
    if (status === 404)
      return { remedy: `Create ${database === null ? `the bucket ${bucket}` : `the database ${database}`}` }
    return {}
  }
}

type Purpose = 'write' | 'read'

interface QueryAnswer {
  error?: string
  results?: { error?: string; partial?: boolean; series?: { values?: unknown[][]; partial?: boolean }[] }[]
}

function remedyOf(code: string, section: string): string | undefined {
  switch (code) {
    case 'ECONNREFUSED':
      return 'Is the server up, and the port right?'
    case 'ENOTFOUND':
      return `Check the host in ${section}.url`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `Name the CA that signed its certificate in ${section}.ca_file`
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `${section}.url must name the host that its certificate is for`
    case 'EPROTO':
      return `Is it HTTP and not HTTPS? Then ${section}.url begins with http:`
    default:
      return undefined
  }
}

/** InfluxDB's own words: `{"error": ...}` from 1.x, `{"message": ...}` from 2.x; `null` from anything else. */
function saidBy(body: string | undefined): string | null {
  try {
    const { error, message } = JSON.parse(body ?? '') as { error?: unknown; message?: unknown }
    return typeof error === 'string' ? error : typeof message === 'string' ? message : null
  } catch {
    return null
  }
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
