// Runs one test file in a process of its own. Node.js strips the types and tap writes TAP, so nothing stands between.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { startChild } from '../../test/services/child.ts'
import { killAllIn } from '../../test/services/process_tree.ts'
import { type Tally, tallyOf } from './tally.ts'

export type FileResult = Tally & { output: string }

export type TestFileOptions = {
  /** The folder for its temporary files; it must be empty again at the end. */
  temporaryFolder: string
  /** How long tap lets a file run; half a minute later it is killed. */
  timeoutMs?: number
  /** Ends it at once. What it started ends with it. */
  signal?: AbortSignal
}

/** Runs it to its end and counts; fails only where it can't be started. */
export async function runTestFile(path: string, options: TestFileOptions): Promise<FileResult> {
  const { temporaryFolder, timeoutMs = 600_000, signal } = options
  mkdirSync(temporaryFolder, { recursive: true, mode: 0o755 })
  const child = await startChild(process.execPath, [path], {
    env: { ...process.env, TMPDIR: temporaryFolder, TAP_TIMEOUT: String(timeoutMs / 1000) },
  })
  child.process.stdin.end()
  const late = AbortSignal.timeout(timeoutMs + 30_000)
  const kill = () => child.signal('SIGKILL')
  for (const reason of [late, signal]) reason?.addEventListener('abort', kill)
  if (signal?.aborted) kill()
  const exit = await child.exited
  for (const reason of [late, signal]) reason?.removeEventListener('abort', kill)

  const ending = exit.status === 0 ? undefined : `ended with ${exit.signal ?? exit.status}`
  const tally = tallyOf(child.stdout(), late.aborted ? 'did not end in time' : ending)
  await killAllIn(temporaryFolder)
  const left = readdirSync(temporaryFolder)
  rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 3 })
  if (left.length > 0 && tally.failed.length === 0) tally.failed.push(`left behind: ${left.join(', ')}`)
  return { ...tally, output: child.stdout() + child.stderr() }
}
