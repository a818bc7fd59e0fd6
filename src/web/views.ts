import type { StoreFollower } from '../store/follower.ts'
import type { Asked, View } from '../store/view.ts'
import { type Extent, viewOf } from '../store/view_of.ts'

type Shown = Omit<View, 'collector'>

const keptMax = 50

/** Views of a store. When something new came, everybody who looks asks at once, and mostly for the same. */
export class Views {
  readonly #store: StoreFollower
  readonly #kept = new Map<string, Shown>()
  #keptOf = 0

  constructor(store: StoreFollower) {
    this.#store = store
  }

  of(asked: Asked, extent: Extent): Shown {
    if (this.#keptOf !== this.#store.changes || this.#kept.size >= keptMax) this.#kept.clear()
    this.#keptOf = this.#store.changes
    const key = JSON.stringify([asked, extent.workflowsMax, extent.withCounts])
    const kept = this.#kept.get(key) ?? viewOf(this.#store.counted, asked, extent)
    this.#kept.set(key, kept)
    return kept
  }
}
