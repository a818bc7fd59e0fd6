import type { Plant } from '../plants.ts'

/** Bugs of the hub that its bench has to find. */
export const plants: Record<string, Plant> = {
  acceptance: {
    about: 'an event is answered with 202 before it is on disk',
    shownBy: ['serve is killed'],
    changes: [
      {
        file: 'src/outbox/outbox.ts',
        from: 'if (this.#offers.push({ events, also, resolve, reject }) === 1) setImmediate(() => this.#keep())\n    return promise',
        to: "if (this.#offers.push({ events, also, resolve, reject }) === 1) setTimeout(() => this.#keep(), 300)\n    promise.catch(() => {})\n    return events.map(() => 'accepted')",
      },
    ],
  },
  acknowledgement: {
    about: 'a batch is remembered before the destination has it',
    shownBy: ['serve is killed', 'influxdb hangs'],
    changes: [
      {
        file: 'src/pipeline/run.ts',
        from: 'if (entries.length > 0) await finish(untilAvailable(() => sink.write(entries), patience))',
        to: 'source.remember(); if (entries.length > 0) await finish(untilAvailable(() => sink.write(entries), patience))',
      },
    ],
  },
  instant: {
    about: 'events of one millisecond have one instant',
    shownBy: ['influxdb answers 503'],
    changes: [
      {
        file: 'src/events/event.ts',
        from: 'BigInt(occurredMs) * 1_000_000n + BigInt(ordinal)',
        to: 'BigInt(occurredMs) * 1_000_000n + 0n * BigInt(ordinal)',
      },
    ],
  },
  record: {
    about: 'what was sent to Google is not looked up in the record',
    shownBy: ['serve is killed', 'google loses its answers'],
    changes: [
      {
        file: 'src/sinks/google_analytics.ts',
        from: 'const state = this.#record.stateOf(event.id)',
        to: "const state = 'new' as ReturnType<SentRecord['stateOf']>",
      },
    ],
  },
}
