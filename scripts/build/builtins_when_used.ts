import { isBuiltin } from 'node:module'
import type { Plugin } from 'esbuild'

/**
 * Loads each of Node's own modules when something of it is first used. An `import` of one reads every value that it
 * exports, and some are only made when they are asked for: that of `node:http` loads a second HTTP client, that of
 * `node:crypto` all of Web Crypto. And whoever speaks plain HTTP needs no TLS.
 */
export const builtinsWhenUsed: Plugin = {
  name: 'builtins-when-used',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z]/ }, ({ path }) =>
      isBuiltin(path) ? { path: `node:${path.replace(/^node:/, '')}`, namespace: 'builtin' } : null,
    )
    onLoad({ filter: /^/, namespace: 'builtin' }, ({ path }) => {
      const module = process.getBuiltinModule(path)
      // A class or a function cannot be handed out in pieces.
      if (typeof module === 'function') return { contents: `module.exports = process.getBuiltinModule('${path}')` }
      const getters = Object.keys(module as object).map((name) => `get ${name}() { return load().${name} }`)
      return {
        contents: `const load = () => process.getBuiltinModule('${path}')\nmodule.exports = { ${getters.join(', ')} }`,
      }
    })
  },
}
