// People who use the Galaxy of one site, a few at a time, while something fails.
import { setTimeout as sleep } from 'node:timers/promises'
import type { LivingSite } from '../test/world/living_site.ts'
import type { Random } from '../test/world/random.ts'

const peopleCount = 3
const pauseMaxMs = 90
const answerMaxMs = 250
/** Workflows of which one is invoked at a time: with two, the rows of a request that failed could be the other's. */
export const uncertainWorkflows = { first: 200, count: 60 }
const statuses = { refused: [400, 401, 403, 404, 429], failed: [500, 502, 503, 504] }

export class Traffic {
  readonly #site: LivingSite
  readonly #random: Random
  readonly #underWay = new Set<Promise<unknown>>()
  #people: Promise<void>[] = []
  #ended = false
  #held: PromiseWithResolvers<void> | null = null
  #galaxyIsUp = true
  #uncertain: number

  constructor(site: LivingSite, random: Random, round: number) {
    this.#site = site
    this.#random = random
    this.#uncertain = round * 7
  }

  begin(): void {
    this.#people = Array.from({ length: peopleCount }, (_, index) => this.#use(this.#random.fork(`person ${index}`)))
    // Told by `end`, which may come later.
    for (const person of this.#people) person.catch(() => {})
  }

  /** Everybody asks for a little more and leaves; fails with whatever failed for one of them. */
  async end(): Promise<void> {
    this.#ended = true
    await Promise.all(this.#people)
  }

  /** Nobody asks for anything, and nothing is under way, until `resume`. */
  async hold(): Promise<void> {
    this.#held ??= Promise.withResolvers()
    await Promise.all(this.#underWay)
  }

  resume(): void {
    this.#held?.resolve()
    this.#held = null
  }

  /** From now on nobody asks for what makes rows; returns when nothing of that is under way. */
  async galaxyGoesDown(): Promise<void> {
    this.#galaxyIsUp = false
    await Promise.all(this.#underWay)
  }

  galaxyIsBack(): void {
    this.#galaxyIsUp = true
  }

  /** One of each kind that there may be now, all at once. */
  async some(): Promise<void> {
    const kinds = [this.#site.invokeWithoutRow(), this.#site.refuse(403)]
    if (this.#galaxyIsUp)
      kinds.push(
        this.#site.invoke().then(() => {}),
        this.#site.invoke(3).then(() => {}),
      )
    await Promise.all(kinds)
  }

  async #use(random: Random): Promise<void> {
    let left = 2
    while (!this.#ended || left-- > 0) {
      await this.#held?.promise
      const request = this.#ask(random)
      this.#underWay.add(request)
      await request.finally(() => this.#underWay.delete(request))
      await sleep(random.integer(5, pauseMaxMs))
    }
  }

  async #ask(random: Random): Promise<void> {
    const site = this.#site
    const answerMs = random.integer(0, answerMaxMs)
    const kinds: [() => Promise<unknown>, number][] = [
      [() => site.invokeWithoutRow(), 12],
      [() => site.refuse(random.pick(statuses.refused)), 12],
      [() => site.refuse(random.pick(statuses.failed)), 4],
      [() => site.browse(), 10],
    ]
    if (this.#galaxyIsUp) {
      kinds.push(
        [() => site.invoke(1, { answerMs }), 44],
        [() => site.invoke(random.integer(2, 5), { answerMs }), 12],
        [() => site.invoke(1, { answerMs, workflow: this.#nextUncertain(), status: random.pick(statuses.failed) }), 6],
      )
    }
    await random.weighted(kinds)()
  }

  #nextUncertain(): number {
    return uncertainWorkflows.first + (this.#uncertain++ % uncertainWorkflows.count)
  }
}
