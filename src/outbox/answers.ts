import type { DatabaseSync, StatementSync } from 'node:sqlite'

export const answerTables = `
  create table answer (
    key_id text not null,
    idempotency_key text not null,
    request_hash text not null,
    answer text not null,
    at_ms integer not null,
    primary key (key_id, idempotency_key)
  ) without rowid;
  create index answer_at on answer (at_ms);
`
const keepMs = 86_400_000

/** A request that its sender gave a name, so that it may be sent again. */
export interface NamedRequest {
  keyId: string
  idempotencyKey: string
  /** Tells it from another request of the same name. */
  requestHash: string
}

/** What was answered to named requests, kept for a day. */
export class Answers {
  readonly #find: StatementSync
  readonly #put: StatementSync
  readonly #forget: StatementSync

  /** @param database that of the `Outbox`, so that an answer is kept in one transaction with its events */
  constructor(database: DatabaseSync) {
    this.#find = database.prepare(
      'select request_hash, answer from answer where key_id = ? and idempotency_key = ? and at_ms > ?',
    )
    this.#put = database.prepare('insert or replace into answer values (?, ?, ?, ?, ?)')
    this.#forget = database.prepare('delete from answer where at_ms <= ?')
  }

  find({ keyId, idempotencyKey }: NamedRequest, nowMs: number): { requestHash: string; answer: string } | null {
    const row = this.#find.get(keyId, idempotencyKey, nowMs - keepMs)
    return row === undefined ? null : { requestHash: String(row['request_hash']), answer: String(row['answer']) }
  }

  /** To be called in the transaction that keeps the events. */
  put({ keyId, idempotencyKey, requestHash }: NamedRequest, answer: string, nowMs: number): void {
    this.#forget.run(nowMs - keepMs)
    this.#put.run(keyId, idempotencyKey, requestHash, answer, nowMs)
  }
}
