import type { Collection, MongoClient, WriteError } from 'mongodb'
import { codeOf, Failed, messageOf, Unavailable } from '../base/errors.ts'

export interface MongodbSettings {
  url: string
  database: string
  collection: string
  verifySsl: boolean
  caFile: string | null
}

/** A document that was not taken: its place among those given, and why. */
export interface RefusedDocument {
  index: number
  cause: string
}

/** Until a server was found that takes writes, and until it answered. */
const findMs = 10_000
const answerMs = 30_000
/** One that writes; the driver has another by which it watches each server. */
const connectionsMax = 1
/** Of one document (MongoDB's manual, "MongoDB Limits and Thresholds"). */
const documentBytesMax = 16 * 1024 * 1024
const duplicateKey = 11_000
/**
 * Codes that the server gives a single document though it is not the document's fault (MongoDB's error_codes.yml):
 * it steps down, shuts down, took too long or has no room.
 */
const passing = new Set([
  6, 7, 24, 50, 63, 64, 89, 91, 112, 133, 150, 189, 202, 262, 317, 9001, 10_058, 10_107, 11_600, 11_601, 11_602, 13_388,
  13_435, 13_436, 14_031,
])

/** Inserts documents in a collection of a MongoDB, over one connection that is kept open. */
export class Mongodb {
  readonly where: string
  readonly #settings: MongodbSettings
  readonly #answerMs: number
  #client: MongoClient | null = null
  #driver: typeof import('mongodb') | null = null

  /** @param answer how long one request may take, and the search for a server, at most 30 s */
  constructor(settings: MongodbSettings, answer: number = answerMs) {
    this.#settings = settings
    this.#answerMs = Math.min(answerMs, answer)
    this.where = `${hostsOf(settings.url)}, ${settings.database}.${settings.collection}`
  }

  /**
   * Inserts each document whose `_id` is not there yet; returns when a majority of the servers has them on disk. The
   * same documents may be given any number of times.
   *
   * @returns those that the server will never take
   * @throws Unavailable where it cannot be told; some of them may have been inserted
   */
  async insert(documents: Record<string, unknown>[]): Promise<RefusedDocument[]> {
    const collection = await this.#collection()
    const { BSON, MongoBulkWriteError } = this.#driver!
    const refused: RefusedDocument[] = []
    const fit = documents.flatMap((document, index) => {
      const cause = unfitness(() => BSON.serialize(document).length)
      if (cause !== null) refused.push({ index, cause })
      return cause === null ? [{ document, index }] : []
    })
    if (fit.length === 0) return refused
    try {
      await collection.insertMany(
        fit.map(({ document }) => document),
        { ordered: false },
      )
      return refused
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError)) throw this.#unavailable(error)
      const errors = [error.writeErrors].flat()
      const isPassing = errors.some(({ code }) => passing.has(code))
      if (errors.length === 0 || isPassing || error.result.getWriteConcernError() !== undefined)
        throw this.#unavailable(error)
      const bad = errors.filter((one) => !isOfItsId(one))
      const there = await this.#there(bad.filter(isDuplicate).map(({ index }) => fit[index]!.document['_id']))
      for (const one of bad) {
        const { document, index } = fit[one.index]!
        if (!there.has(document['_id'])) refused.push({ index, cause: causeOf(one) })
      }
      return refused
    }
  }

  /**
   * Asks whether it answers, and takes user and password. Whether the user may insert is only seen by inserting.
   *
   * @throws Unavailable with what is to be mended
   */
  async probe(): Promise<void> {
    await this.#collection()
    try {
      await this.#client!.db(this.#settings.database).command({ ping: 1 })
    } catch (error) {
      throw this.#unavailable(error)
    }
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = null
    await client?.close().catch(() => {})
  }

  async #collection(): Promise<Collection> {
    const { url, database, collection, verifySsl, caFile } = this.#settings
    // Only here: who has no MongoDB does not pay for its driver.
    this.#driver ??= await import('mongodb')
    try {
      this.#client ??= new this.#driver.MongoClient(url, {
        appName: 'workflow-reporting',
        minPoolSize: 0,
        maxPoolSize: connectionsMax,
        serverMonitoringMode: 'poll',
        serverSelectionTimeoutMS: Math.min(findMs, this.#answerMs),
        connectTimeoutMS: Math.min(findMs, this.#answerMs),
        socketTimeoutMS: this.#answerMs,
        waitQueueTimeoutMS: this.#answerMs,
        // What is repeated, and when, is the pipeline's.
        retryWrites: false,
        retryReads: false,
        // An address may ask for less, with which an event could be lost after it was taken.
        writeConcern: { w: 'majority', journal: true, wtimeoutMS: this.#answerMs },
        ...(!verifySsl && { tlsAllowInvalidCertificates: true }),
        ...(caFile !== null && { tls: true, tlsCAFile: caFile }),
      })
    } catch (error) {
      throw new Failed(`MongoDB (${this.where}): ${this.#withoutSecrets(messageOf(error))}. Mend its url.`)
    }
    return this.#client.db(database).collection(collection)
  }

  /** Which of these ids are there. */
  async #there(ids: unknown[]): Promise<Set<unknown>> {
    if (ids.length === 0) return new Set()
    const collection = await this.#collection()
    try {
      const found = await collection
        .find({ _id: { $in: ids as never[] } })
        .project({ _id: 1 })
        .toArray()
      return new Set(found.map(({ _id }) => _id))
    } catch (error) {
      throw this.#unavailable(error)
    }
  }

  #unavailable(error: unknown): Unavailable {
    // What the system said is deepest, or only in a message that the driver made of it.
    const codes = chainOf(error).flatMap((one) => [codeOf(one), /\bE[A-Z]{5,}\b/.exec(one.message)?.[0] ?? ''])
    const remedy = codes
      .toReversed()
      .map((code) => remedies[code])
      .find((found) => found !== undefined)
    const cause = this.#withoutSecrets(messageOf(chainOf(error).find((one) => messageOf(one) !== '') ?? error))
    return new Unavailable(
      {
        what: 'MongoDB',
        where: this.where,
        cause: cause.replace(/\.+$/, '').slice(0, 300),
        ...(remedy !== undefined && { remedy }),
      },
      { cause: error },
    )
  }

  /** The driver tells an address that it cannot read, or its options. */
  #withoutSecrets(text: string): string {
    const { url } = this.#settings
    const [, userInfo = ''] = /^[^:]+:\/\/([^@/]*)@/.exec(url) ?? []
    const password = userInfo.slice(userInfo.indexOf(':') + 1)
    const secrets = [url, userInfo, password, decoded(password)].filter((secret) => secret !== '')
    return secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text)
  }
}

/** Why a document cannot be sent at all; `null` where it can. */
function unfitness(bytesOf: () => number): string | null {
  try {
    const bytes = bytesOf()
    return bytes <= documentBytesMax
      ? null
      : `it has ${bytes} bytes, and MongoDB takes no more than ${documentBytesMax}`
  } catch (error) {
    return `it cannot be written as BSON: ${messageOf(error)}`
  }
}

function isDuplicate({ code }: WriteError): boolean {
  return code === duplicateKey
}

/** The document is there already. Of another unique index another document has the key; not every server tells which. */
function isOfItsId(error: WriteError): boolean {
  return isDuplicate(error) && /index: _id_/.test(error.errmsg ?? '')
}

function causeOf({ code, errmsg, errInfo }: WriteError): string {
  const details = errInfo === undefined ? '' : ` ${JSON.stringify(errInfo['details'] ?? errInfo)}`
  return `${code}: ${errmsg ?? 'refused'}${details}`.slice(0, 300)
}

/** The error and what it came from: the driver tells of a search for servers, and why it failed stands beneath. */
function chainOf(error: unknown): Error[] {
  const chain: Error[] = []
  for (let one = error; one instanceof Error && chain.length < 6; one = one.cause) {
    const servers = (one as { reason?: { servers?: Map<string, { error: Error | null }> } }).reason?.servers
    chain.push(
      one,
      ...([...(servers?.values() ?? [])].flatMap((server) => server.error?.cause ?? server.error ?? []) as Error[]),
    )
  }
  return chain
}

const certificate = 'Name the CA that signed its certificate in ca_file'
const remedies: Record<string, string> = {
  18: 'Check user and password in its url, and authSource where the user is of another database',
  8000: 'Check user and password in its url',
  13: 'Give the user of its url the role readWrite on the database, or the right to insert into the collection',
  ECONNREFUSED: 'Is the server up, and the port right?',
  ENOTFOUND: 'Check the hosts in its url',
  DEPTH_ZERO_SELF_SIGNED_CERT: certificate,
  SELF_SIGNED_CERT_IN_CHAIN: certificate,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: certificate,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: certificate,
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its url must name the host that its certificate is for',
  MongoServerSelectionError: 'Is the server up, does it speak TLS only (tls=true in its url), and is replicaSet right?',
}

/** The hosts of a connection string, without user and password. */
function hostsOf(url: string): string {
  return /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?]*)/.exec(url)?.[1] ?? 'its url'
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
