// Makes the one file that is deployed: everything but Node.js in it.
import { chmod, readFile } from 'node:fs/promises'
import { build } from 'esbuild'

const { version } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'))
const outfile = `${import.meta.dirname}/dist/workflow-reporting.mjs`

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ['src/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  define: { PROGRAM_VERSION: JSON.stringify(version), PAGE_FILES: JSON.stringify(await page()) },
  // Some dependencies are CommonJS and call require() for Node's own modules.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
  legalComments: 'none',
  logLevel: 'warning',
})
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
    loader: { '.html': 'copy', '.svg': 'dataurl' },
    legalComments: 'none',
    logLevel: 'warning',
  })
  return Object.fromEntries(outputFiles.map(({ path, text }) => [path.replace(/^.*\//, ''), text]))
}
