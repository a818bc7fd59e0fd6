// Makes the one file that is deployed: everything but Node.js in it.
import { chmod, readFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { build } from 'esbuild'

const { version } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'))
const outfile = `${import.meta.dirname}/dist/workflow-reporting.mjs`

/**
 * Loads each of Node's own modules when something of it is first used. An `import` of one reads every value that it
 * exports, and some are only made when they are asked for: that of `node:http` loads a second HTTP client, that of
 * `node:crypto` all of Web Crypto. And whoever speaks plain HTTP needs no TLS.
 */
const builtinsWhenUsed = {
  name: 'builtins-when-used',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z]/ }, ({ path }) =>
      isBuiltin(path) ? { path: `node:${path.replace(/^node:/, '')}`, namespace: 'builtin' } : null,
    )
    onLoad({ filter: /^/, namespace: 'builtin' }, ({ path }) => {
      const module = process.getBuiltinModule(path)
      // A class or a function cannot be handed out in pieces.
      if (typeof module === 'function') return { contents: `module.exports = process.getBuiltinModule('${path}')` }
      const getters = Object.keys(module).map((name) => `get ${name}() { return load().${name} }`)
      return {
        contents: `const load = () => process.getBuiltinModule('${path}')\nmodule.exports = { ${getters.join(', ')} }`,
      }
    })
  },
}

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ['src/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  define: { PROGRAM_VERSION: JSON.stringify(version), PAGE_FILES: JSON.stringify(await page()) },
  plugins: [builtinsWhenUsed],
  banner: { js: '#!/usr/bin/env node' },
  // Names stay, and lines stay short, so that a stack still tells where it comes from.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120,
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
    define: { PROGRAM_VERSION: JSON.stringify(version) },
    loader: { '.html': 'copy', '.svg': 'dataurl' },
    legalComments: 'none',
    logLevel: 'warning',
  })
  return Object.fromEntries(outputFiles.map(({ path, text }) => [path.replace(/^.*\//, ''), text]))
}
