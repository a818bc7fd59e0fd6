import type { IdCodec } from './ids.ts'
import type { InvocationRequest } from './request.ts'
import { idMax } from './tables.ts'

/** What the id in a request's path stands for, as far as the text tells. */
export type Meaning =
  /** None of this server's ids. */
  | { kind: 'none' }
  /** A stored workflow, or, where there is none with rows, a revision: a log cannot show which. */
  | { kind: 'number'; id: number }
  | { kind: 'revision'; id: number }
  /** Every stored workflow with a revision of this UUID, which is 32 hex digits here. */
  | { kind: 'uuid'; uuid: string }

const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export function meaningOf({ id, instance }: Pick<InvocationRequest, 'id' | 'instance'>, codec: IdCodec): Meaning {
  if (uuidShape.test(id)) return { kind: 'uuid', uuid: id.replaceAll('-', '').toLowerCase() }
  const decoded = codec.decode(id)
  if (decoded === null) return { kind: 'none' }
  // No row has 0; so an id beyond the columns' range is decodable and found nowhere.
  const number = decoded > idMax ? 0 : Number(decoded)
  return { kind: instance ? 'revision' : 'number', id: number }
}

export type Outcome = 'success' | 'uncertain' | 'refused'

/** 499, 502, 504 and their like: the client or nginx gave up, and the row may have been made all the same. */
export function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return 'success'
  return status === 499 || (status >= 500 && status < 600) ? 'uncertain' : 'refused'
}
