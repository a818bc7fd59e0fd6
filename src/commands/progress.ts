import type { WriteStream } from 'node:tty'

export interface Progress {
  /** To be called often; draws now and then. */
  step(): void
  end(): void
}

const drawEveryMs = 500

/** A line on a terminal that tells bytes, lines a second and the time left; nothing where it is none. */
export function showProgress(
  terminal: WriteStream,
  totalBytes: number,
  now: () => { bytes: number; lines: number },
): Progress {
  if (!terminal.isTTY) return { step: () => {}, end: () => {} }
  const startedMs = performance.now()
  let drawnMs = 0
  const draw = () => {
    const { bytes, lines } = now()
    const seconds = (performance.now() - startedMs) / 1000
    const share = totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes)
    const left = share > 0 ? Math.round((seconds * (1 - share)) / share) : null
    const text =
      `${(share * 100).toFixed(0).padStart(3)} %  ${megabytes(bytes)} of ${megabytes(totalBytes)} MB  ` +
      `${Math.round(lines / Math.max(seconds, 0.001)).toLocaleString('en')} lines/s  ${left === null ? '' : `${left} s left`}`
    terminal.write(`\r\u001b[K${text.slice(0, (terminal.columns || 80) - 1)}`)
  }
  return {
    step: () => {
      if (performance.now() - drawnMs < drawEveryMs) return
      drawnMs = performance.now()
      draw()
    },
    end: () => {
      draw()
      terminal.write('\n')
    },
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1)
}
