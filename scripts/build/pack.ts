import { brotliCompressSync, constants } from 'node:zlib'

/** A text made small, in letters that need no escape in a string; `unpack` gives it back. */
export function pack(text: string): string {
  const bytes = Buffer.from(text)
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  }
  return brotliCompressSync(bytes, { params }).toString('base64')
}
