import type { ComponentChildren } from 'preact'
import { type Query, searchOf } from './query.ts'

/** What the server gives as a file. */
export type Table =
  | 'over_time'
  | 'workflows'
  | 'people'
  | 'origins'
  | 'versions'
  | 'rejected'
  | 'events_over_time'
  | 'events'
  | 'events_refused'
  | 'destinations'
  | 'availability'

interface Properties {
  id: string
  title: string
  /** What is counted here, where the title does not say it. */
  note?: ComponentChildren
  /** The file with the same numbers, of the same question. */
  download?: { table: Table; query?: Query }
  /** The note is what people came for. */
  isAnswer?: boolean
  wide?: boolean
  /** It has nothing to show yet, and says how that changes. */
  isHint?: boolean
  children: ComponentChildren
}

/** A part of the page: a question, its answer, and the answer as a file. */
export function Panel({
  id,
  title,
  note,
  download,
  isAnswer = false,
  wide = false,
  isHint = false,
  children,
}: Properties) {
  return (
    <section id={id} class={`panel${wide ? ' wide' : ''}${isHint ? ' hint' : ''}`} aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        {download && <Downloads title={title} {...download} />}
      </header>
      {note && <p class={isAnswer ? 'note answer' : 'note'}>{note}</p>}
      {children}
    </section>
  )
}

function Downloads({ title, table, query }: { title: string; table: Table; query?: Query }) {
  const search = query === undefined ? '' : `?${searchOf(query)}`
  return (
    <p class="downloads">
      {(['csv', 'json'] as const).map((format) => (
        <a
          key={format}
          href={`api/data/${table}.${format}${search}`}
          download=""
          aria-label={`${format.toUpperCase()}: ${title}`}
        >
          {format.toUpperCase()}
        </a>
      ))}
    </p>
  )
}
