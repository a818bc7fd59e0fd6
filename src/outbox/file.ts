import type { DatabaseSync } from 'node:sqlite'
import { definitionTables } from '../availability/definitions.ts'
import { probeTables } from '../availability/probe_tallies.ts'
import { openToRead, openToWrite, type SqliteFormat } from '../base/sqlite_file.ts'
import { answerTables } from './answers.ts'
import { deliveryTables } from './deliveries.ts'
import { eventCountTables } from './event_counts.ts'
import { keyTables } from './keys.ts'
import { eventTables } from './outbox.ts'
import { refusalTables } from './refusal_counts.ts'

const format: SqliteFormat = {
  what: 'outbox',
  key: 'events.file',
  schema: [
    ...[eventTables, deliveryTables, keyTables, answerTables],
    ...[eventCountTables, refusalTables, probeTables, definitionTables],
  ].join('\n'),
  schemaVersion: 1,
  applicationId: 0x77_66_65_76,
  remedy: "Give the file to this program's user. It holds events that were accepted: keep a damaged one",
}

/**
 * Opens the file of events to write, and makes it where there is none, for its owner alone.
 *
 * @param synchronous `full` for what is promised to whoever sent it; `normal` for what can be done again
 * @throws Failed where it cannot be used; SQLite's own error where time may mend it (`isOutOfReach`)
 */
export function openOutbox(path: string, synchronous: 'full' | 'normal'): DatabaseSync {
  return openToWrite(path, format, synchronous)
}

/**
 * Opens it to read; `null` where there is none yet.
 *
 * @throws Failed
 */
export function openOutboxToRead(path: string): DatabaseSync | null {
  return openToRead(path, format)
}
