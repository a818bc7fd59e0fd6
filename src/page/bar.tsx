/** A number's length beside it in a table. The number itself is what counts, so this is for the eye alone. */
export function Bar({ part, of, colour }: { part: number; of: number; colour?: string }) {
  const width = of === 0 ? 0 : (100 * part) / of
  return (
    <span class="bar" aria-hidden="true">
      <span style={{ width: `${width}%`, ...(colour === undefined ? {} : { backgroundColor: `var(${colour})` }) }} />
    </span>
  )
}
