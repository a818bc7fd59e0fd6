// This file becomes part of the program.
import { compileFunction } from 'node:vm'
import { brotliDecompressSync } from 'node:zlib'

export function unpack(packed: string): string {
  return brotliDecompressSync(Buffer.from(packed, 'base64')).toString()
}

/** Runs the text of a CommonJS module. In a stack it has the name given. */
export function evaluate(name: string, text: string): Record<string, unknown> {
  const module = { exports: {} }
  compileFunction(text, ['module', 'exports'], { filename: name })(module, module.exports)
  return module.exports
}
