// Runs one test file in a process of its own. Node.js strips the types and tap writes TAP, so nothing stands between.
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { type Tally, tallyOf } from './tally.ts'

export type FileResult = Tally & { output: string }

export type TestFileOptions = {
  /** The folder for its temporary files; it must be empty again at the end. */
  temporaryFolder: string
  /** How long tap lets a file run; half a minute later it is killed. */
  timeoutMs?: number
  signal?: AbortSignal
}

/** Runs it to its end and counts; fails only where it can't be started. */
export async function runTestFile(path: string, options: TestFileOptions): Promise<FileResult> {
  const { temporaryFolder, timeoutMs = 600_000, signal } = options
  mkdirSync(temporaryFolder, { recursive: true, mode: 0o755 })
  const child = spawn(process.execPath, [path], {
    env: { ...process.env, TMPDIR: temporaryFolder, TAP_TIMEOUT: String(timeoutMs / 1000) },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.any([AbortSignal.timeout(timeoutMs + 30_000), ...(signal ? [signal] : [])]),
    killSignal: 'SIGKILL',
  })
  let output = ''
  let written = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    written += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written += text
  })
  let reason: string | undefined
  child.once('error', (error) => {
    reason = error.name === 'AbortError' ? 'did not end in time' : error.message
  })
  const ending = await new Promise<string | undefined>((resolve) => {
    child.once('close', (status, name) =>
      resolve(reason ?? (status === 0 ? undefined : `ended with ${name ?? status}`)),
    )
  })
  const tally = tallyOf(output, ending)
  const left = readdirSync(temporaryFolder)
  rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 3 })
  if (left.length > 0 && tally.failed.length === 0) tally.failed.push(`left behind: ${left.join(', ')}`)
  return { ...tally, output: written }
}
