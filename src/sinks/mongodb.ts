import { Refused } from '../base/errors.ts'
import type { Mongodb as Client } from '../clients/mongodb.ts'
import type { Destination } from '../events/delivery.ts'
import { documentOf, type EventDocument } from '../events/document_of.ts'
import type { HubEvent } from '../events/event.ts'
import type { Refusal } from '../pipeline/part.ts'

/** Events as documents in a MongoDB; one that is there already, by its id, stays as it is. */
export class Mongodb implements Destination {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  async write(events: HubEvent[]): Promise<Refusal<HubEvent>[]> {
    const refusals: Refusal<HubEvent>[] = []
    const written: { event: HubEvent; document: EventDocument }[] = []
    for (const event of events) {
      try {
        written.push({ event, document: documentOf(event) })
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        refusals.push({ entry: event, cause: error.trouble.cause })
      }
    }
    if (written.length === 0) return refusals
    const refused = await this.#client.insert(written.map(({ document }) => document))
    return [...refusals, ...refused.map(({ index, cause }) => ({ entry: written[index]!.event, cause }))]
  }

  probe(): Promise<void> {
    return this.#client.probe()
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}
