import type { ComponentChildren } from 'preact'

/** Around a table that may be wider than the page: it scrolls, also by keyboard, and the page does not. */
export function TableScroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached without a mouse
    <section class="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}
