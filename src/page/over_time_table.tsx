import { TableScroll } from './table_scroll.tsx'
import { number } from './words.ts'

interface Column {
  key: string
  title: string
  counts: number[]
}

interface OverTimeTableProps {
  /** What is counted and how it is told apart: `Events over time by category`, `Events by day and category`. */
  label: string
  caption: string
  bucket: string
  /** Of the rows, one for each bucket. */
  names: string[]
  columns: Column[]
}

/** The numbers of a chart over time, for who reads rather than looks. */
export function OverTimeTable({ label, caption, bucket, names, columns }: OverTimeTableProps) {
  return (
    <details class="as-table">
      <summary>Show as table</summary>
      <TableScroll label={label}>
        <table>
          <caption class="unseen">{caption}</caption>
          <thead>
            <tr>
              <th scope="col">{bucket}, UTC</th>
              {columns.map(({ key, title }) => (
                <th key={key} scope="col" class="number">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {names.map((name, index) => (
              <tr key={index}>
                <th scope="row">{name}</th>
                {columns.map(({ key, counts }) => (
                  <td key={key} class="number">
                    {number(counts[index] ?? 0)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </details>
  )
}
