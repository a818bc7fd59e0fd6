import { createHash, randomUUID } from 'node:crypto'

const shape = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

/** Whether it is a UUID (RFC 9562) as ids are written here: lower case, with dashes. */
export function isEventId(text: string): boolean {
  return shape.test(text)
}

/** A new UUID, version 7 (RFC 9562, 5.7): later ones sort behind earlier ones. */
export function newEventId(nowMs: number = Date.now()): string {
  const time = timeBytes(nowMs).toString('hex')
  // Node.js keeps random bytes in store for it alone; what it says after its version is as random as ours.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}

/**
 * The id of something that has none: always the same for the same thing. It is shaped like a version 7, so that it sorts
 * among the others by when the thing happened.
 *
 * @param identity what it is and nothing else is, such as its bytes
 */
export function derivedEventId(occurredMs: number, ...identity: (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of identity) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return uuid7(occurredMs, hash.digest().subarray(0, 10))
}

function uuid7(timeMs: number, filling: Buffer): string {
  const bytes = Buffer.concat([timeBytes(timeMs), filling])
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function timeBytes(timeMs: number): Buffer {
  const bytes = Buffer.alloc(6)
  bytes.writeUIntBE(Math.min(Math.max(0, Math.trunc(timeMs)), 2 ** 48 - 1), 0, 6)
  return bytes
}
