import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync } from 'node:fs'
import { codeOf, Failed, messageOf } from './errors.ts'
import { writeWhole } from './state.ts'

/**
 * A secret that is made once and stays: what several starts, or processes at once, find in the file.
 *
 * @throws Failed where it can be neither read nor made
 */
export function keptSecret(path: string): string {
  try {
    return read(path) ?? make(path)
  } catch (error) {
    if (error instanceof Failed) throw error
    throw new Failed(`secret (${path}): ${messageOf(error)}. Give its folder to the user of this program`)
  }
}

function read(path: string): string | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
  if (text.length < 32) throw new Failed(`secret (${path}): is damaged. Put it back from a copy, or delete it`)
  return text
}

function make(path: string): string {
  const mine = `${path}.${process.pid}`
  writeWhole(mine, `${randomBytes(32).toString('hex')}\n`)
  try {
    // Fails where another process was first, unlike a rename.
    linkSync(mine, path)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    rmSync(mine, { force: true })
  }
  return read(path)!
}
