import { brotliDecompressSync } from 'node:zlib'
import type { Hono } from 'hono'
import { etag } from 'hono/etag'

/** The files of the page by name (`page.html`, `page.js`, `page.css`), as JSON, packed and put in by the build. */
declare const PAGE_FILES: string

const routes = [
  ['/', 'page.html', 'text/html; charset=utf-8'],
  ['/page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ['/page.css', 'page.css', 'text/css; charset=utf-8'],
] as const

/** A browser asks each time whether a file is still the same, so that page and server are of one version. */
export function routePage(app: Hono): void {
  const files: Record<string, string> = JSON.parse(brotliDecompressSync(Buffer.from(PAGE_FILES, 'base64')).toString())
  for (const [path, name, type] of routes)
    app.get(path, etag(), (context) =>
      context.body(files[name]!, 200, { 'Content-Type': type, 'Cache-Control': 'no-cache' }),
    )
}
