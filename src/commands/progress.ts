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
  return showShare(terminal, (seconds) => {
    const { bytes, lines } = now()
    const rate = Math.round(lines / Math.max(seconds, 0.001)).toLocaleString('en')
    return {
      share: totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes),
      text: `${megabytes(bytes)} of ${megabytes(totalBytes)} MB  ${rate} lines/s`,
    }
  })
}

/** A line on a terminal that tells the share that is done, a text and the time left; nothing where it is none. */
export function showShare(terminal: WriteStream, now: (seconds: number) => { share: number; text: string }): Progress {
  if (!terminal.isTTY) return { step: () => {}, end: () => {} }
  const startedMs = performance.now()
  let drawnMs = 0
  const draw = () => {
    const seconds = (performance.now() - startedMs) / 1000
    const { share, text } = now(seconds)
    const left = share > 0 ? `${Math.round((seconds * (1 - share)) / share)} s left` : ''
    const line = `${(share * 100).toFixed(0).padStart(3)} %  ${text}  ${left}`
    terminal.write(`\r\u001b[K${line.slice(0, (terminal.columns || 80) - 1)}`)
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
