import type { AvailabilityView } from '../availability/view.ts'
import type { View } from '../store/view.ts'
import type { EventsView, TabName } from '../web/view.ts'

export type CollectorState = View['collector']

/** What a part of the page shows. */
export type Shown =
  | { tab: 'workflows'; view: View }
  | { tab: 'events'; view: EventsView }
  | { tab: 'availability'; view: AvailabilityView }

/** What is known at the moment. */
export interface Watched {
  /** The last that the server told. */
  shown: Shown | null
  /** For which question that was. */
  shownOf: string | null
  /** The parts that have something; `null` before the server has told. */
  tabs: TabName[] | null
  collector: CollectorState | null
  /** An answer to another question is under way. */
  asking: boolean
  /** New points appear by themselves. */
  live: boolean
  trouble: Trouble | null
}

export type Trouble =
  /** The question is wrong; asking again would not help. */
  | { kind: 'refused'; message: string }
  /** Asked again by itself, with growing pauses. */
  | { kind: 'away'; sinceMs: number }

const paths: Record<TabName, string> = { workflows: 'view', events: 'event-view', availability: 'availability' }

/** New points are many at times; one answer covers all that came meanwhile. */
const askEveryMs = 2000
/** A range that ends now moves on even without new points. */
const askAgainMs = 60_000
const answerWithinMs = 30_000
const pauseLeastMs = 1000
const pauseMostMs = 30_000

/**
 * Asks the server for the view, and again whenever it says that something changed. One request is under way at a time;
 * nothing is asked while nobody looks.
 */
export class Watch {
  #watched: Watched = {
    shown: null,
    shownOf: null,
    tabs: null,
    collector: null,
    asking: false,
    live: false,
    trouble: null,
  }
  #tab: TabName | null = null
  #search = ''
  #askedMs = Number.NEGATIVE_INFINITY
  #pauseMs = pauseLeastMs
  #timer: ReturnType<typeof setTimeout> | undefined
  #listenTimer: ReturnType<typeof setTimeout> | undefined
  #request: AbortController | null = null
  /** What was asked may be old by the time the answer is there. */
  #changedMeanwhile = false
  #events: EventSource | null = null
  readonly #onChange: (watched: Watched) => void

  constructor(onChange: (watched: Watched) => void) {
    this.#onChange = onChange
    document.addEventListener('visibilitychange', this.#onVisibility)
  }

  /**
   * Asks for another view; an answer that is still awaited does not matter any more.
   *
   * @param tab `null`: of the first part that has something
   */
  ask(tab: TabName | null, search: string): void {
    this.#tab = tab
    this.#search = search
    this.#say({ asking: true })
    this.#fetch()
    if (this.#events === null) this.#listen()
  }

  /** Asks now, where it would have waited. */
  again = (): void => {
    this.#fetch()
    if (this.#events?.readyState !== EventSource.OPEN) this.#listen()
  }

  close(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#listenTimer)
    this.#request?.abort()
    this.#events?.close()
    document.removeEventListener('visibilitychange', this.#onVisibility)
  }

  async #fetch(): Promise<void> {
    clearTimeout(this.#timer)
    this.#request?.abort()
    const request = new AbortController()
    this.#request = request
    this.#changedMeanwhile = false
    this.#askedMs = performance.now()
    const search = this.#search
    try {
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(answerWithinMs)])
      const tab = this.#tab ?? this.#watched.tabs?.[0] ?? (await this.#firstTab(signal))
      const answer = await fetch(`api/${paths[tab]}?${tab === 'availability' ? '' : search}`, { signal })
      const text = await answer.text()
      if (request.signal.aborted) return
      if (answer.status >= 400 && answer.status < 500) this.#refused(text)
      else if (!answer.ok) throw new Error(`it answered ${answer.status}`)
      else this.#answered(tab, search, text)
    } catch {
      // The network's failure, or an answer that is none.
      if (!request.signal.aborted) this.#failed()
    } finally {
      if (this.#request === request) this.#request = null
    }
  }

  async #firstTab(signal: AbortSignal): Promise<TabName> {
    const answer = await fetch('api/tabs', { signal })
    if (!answer.ok) throw new Error(`it answered ${answer.status}`)
    const { tabs, collector } = (await answer.json()) as { tabs: TabName[]; collector: CollectorState }
    this.#say({ tabs, collector })
    return tabs[0] ?? 'workflows'
  }

  #answered(tab: TabName, search: string, text: string): void {
    this.#pauseMs = pauseLeastMs
    this.#later(this.#changedMeanwhile ? askEveryMs : askAgainMs)
    const { tabs, ...view } = JSON.parse(text) as View & { tabs: TabName[] }
    const shown = { tab, view } as unknown as Shown
    this.#say({ shown, shownOf: `${tab} ${search}`, tabs, asking: false, trouble: null })
    if (shown.tab === 'workflows') this.#say({ collector: shown.view.collector })
  }

  #refused(text: string): void {
    this.#say({ asking: false, trouble: { kind: 'refused', message: messageOf(text) } })
  }

  #failed(): void {
    const { trouble } = this.#watched
    const sinceMs = trouble?.kind === 'away' ? trouble.sinceMs : Date.now()
    this.#say({ asking: false, trouble: { kind: 'away', sinceMs } })
    this.#later(this.#pauseMs)
    this.#pauseMs = Math.min(this.#pauseMs * 2, pauseMostMs)
  }

  #listen(): void {
    clearTimeout(this.#listenTimer)
    this.#events?.close()
    const events = new EventSource('api/events')
    this.#events = events
    events.addEventListener('open', () => {
      const { live, shown } = this.#watched
      this.#say({ live: true })
      // What changed while nothing was heard was not told.
      if (!live && shown !== null) this.#stale()
    })
    events.addEventListener('changed', () => this.#shows('workflows') && this.#stale())
    events.addEventListener('hub', () => !this.#shows('workflows') && this.#stale())
    events.addEventListener('collector', ({ data }: MessageEvent<string>) => {
      this.#say({ collector: JSON.parse(data) as CollectorState })
    })
    events.addEventListener('error', () => {
      const { live } = this.#watched
      this.#say({ live: false })
      // It may be the connection alone; the next answer tells.
      if (live) this.#stale()
      // The browser tries again by itself, unless it was told no, as where too many listen.
      if (events.readyState === EventSource.CLOSED) this.#listenTimer = setTimeout(() => this.#listen(), pauseMostMs)
    })
  }

  #shows(tab: TabName): boolean {
    return (this.#tab ?? this.#watched.tabs?.[0]) === tab
  }

  #stale(): void {
    if (this.#request !== null) this.#changedMeanwhile = true
    else this.#later(Math.max(0, this.#askedMs + askEveryMs - performance.now()))
  }

  #later(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (document.visibilityState === 'visible') this.#fetch()
    }, ms)
  }

  #onVisibility = (): void => {
    if (document.visibilityState === 'visible') this.#stale()
  }

  #say(change: Partial<Watched>): void {
    this.#watched = { ...this.#watched, ...change }
    this.#onChange(this.#watched)
  }
}

/** The server's own words, `{error: ...}` or plain. */
function messageOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown }
    return typeof error === 'string' ? error : text
  } catch {
    return text
  }
}
