import { type Choice as Chosen, chosenPart, isChosen } from '../events/choice.ts'
import type { Delivery } from '../events/delivery.ts'
import type { Transform } from '../pipeline/part.ts'

/** Leaves out what a destination does not get. */
export class Choice implements Transform<Delivery, Delivery> {
  readonly #choice: Chosen

  constructor(choice: Chosen) {
    this.#choice = choice
  }

  apply(deliveries: Delivery[]): Delivery[] {
    return deliveries
      .filter(({ event }) => isChosen(this.#choice.filter, event))
      .map((delivery) => ({ ...delivery, event: chosenPart(delivery.event, this.#choice) }))
  }
}
