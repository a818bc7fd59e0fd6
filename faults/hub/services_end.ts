import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { AmplitudeService } from '../../test/services/amplitude.ts'
import { GoogleAnalyticsService } from '../../test/services/google_analytics.ts'
import type { Fault, JsonServer } from '../../test/services/json_server.ts'
import { counted, type FarEnd, type Trouble } from './far_end.ts'

const misbehaveEveryMs = 20

/** A stand-in that does what Amplitude's documentation says. */
export async function amplitudeEnd(): Promise<FarEnd> {
  const amplitude = await AmplitudeService.start('the key')
  const { server, taken } = amplitude
  return {
    name: 'amplitude',
    settings: { kind: 'amplitude', api_key: 'the key', api: 'batch', server: server.url },
    faults: faultsOf(server),
    held: async () => counted(taken.map(({ insert_id: id }) => id)),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/**
 * A stand-in that does what Google's documentation says, which is to take everything. What it holds is what the hub's
 * record calls sent and what has come; once, where repeats say that they are.
 */
export async function googleEnd(): Promise<FarEnd> {
  const google = await GoogleAnalyticsService.start()
  const { server } = google
  return {
    name: 'google',
    settings: {
      kind: 'google_analytics',
      measurement_id: 'G-ABCDE12345',
      api_secret: 'the secret',
      server: server.url,
    },
    faults: faultsOf(server),
    async held(stateFolder) {
      const came = counted(
        google.events.filter(({ params }) => params?.['sent_again'] === undefined).map(({ params }) => idOf(params)),
      )
      const again = new Set(google.events.map(({ params }) => idOf(params)))
      const path = `${stateFolder}/sent-google.sqlite`
      if (!existsSync(path)) return new Map()
      const record = new DatabaseSync(path, { readOnly: true })
      const sent = record.prepare("select event_id from sent where state = 'sent'").all()
      record.close()
      return new Map(
        sent
          .map(({ event_id: id }) => String(id))
          .filter((id) => again.has(id))
          .map((id) => [id, Math.max(1, came.get(id) ?? 0)]),
      )
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function idOf(params: Record<string, unknown> | undefined): string {
  return String(params?.['event_id'])
}

function faultsOf(server: JsonServer): Trouble[] {
  const all: Record<string, Fault> = {
    'answers 503': { status: 503 },
    'answers 429': { status: 429 },
    'breaks off': 'breaks off',
    'loses its answers': 'worked on, then breaks off',
  }
  return Object.entries(all).map(([name, fault]) => ({
    name,
    async begin() {
      const misbehave = () => {
        if (server.faults.length < 10) server.faults.push(fault)
      }
      const timer = setInterval(misbehave, misbehaveEveryMs)
      return async () => {
        clearInterval(timer)
        server.faults.length = 0
      }
    },
  }))
}
