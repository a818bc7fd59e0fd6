// Makes the one file that is deployed: everything but Node.js in it.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { build } from 'esbuild'
import { builtinsWhenUsed } from './scripts/build/builtins_when_used.ts'
import { librariesWhenUsed } from './scripts/build/libraries_when_used.ts'
import { pack } from './scripts/build/pack.ts'
import { shape } from './scripts/build/shape.ts'

const { version } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'))
const outfile = `${import.meta.dirname}/dist/workflow-reporting.mjs`

const { outputFiles } = await build({
  ...shape,
  absWorkingDir: import.meta.dirname,
  entryPoints: ['src/main.ts'],
  outfile,
  write: false,
  format: 'esm',
  define: { PROGRAM_VERSION: JSON.stringify(version), PAGE_FILES: JSON.stringify(pack(JSON.stringify(await page()))) },
  plugins: [
    builtinsWhenUsed,
    librariesWhenUsed([
      ...['amqplib', 'hono', '@hono/node-server', 'htmlparser2', 'leven', 'mongodb', 'temporal-polyfill'],
    ]),
  ],
  banner: { js: '#!/usr/bin/env node' },
})
const { text } = outputFiles[0]
const foreign = /.{0,40}[^\0-\x7f].{0,40}/.exec(text)
if (foreign !== null) throw new Error(`the engine would need two bytes for each character, because of: ${foreign[0]}`)
await mkdir(dirname(outfile), { recursive: true })
await writeFile(outfile, text, { mode: 0o755 })
await chmod(outfile, 0o755)

/** The files of the page that `serve` shows, by name, as text. */
async function page() {
  const { outputFiles } = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: ['main.tsx', 'page.css', 'page.html'].map((name) => ({ in: `src/page/${name}`, out: 'page' })),
    outdir: 'page',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    // Two years old.
    target: ['chrome131', 'edge131', 'firefox133', 'safari18.1'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { PROGRAM_VERSION: JSON.stringify(version) },
    loader: { '.html': 'copy', '.svg': 'dataurl' },
    legalComments: 'none',
    logLevel: 'warning',
  })
  return Object.fromEntries(outputFiles.map(({ path, text }) => [path.replace(/^.*\//, ''), text]))
}
