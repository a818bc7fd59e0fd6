import { build, type Plugin } from 'esbuild'
import { builtinsWhenUsed } from './builtins_when_used.ts'
import { pack } from './pack.ts'
import { shape } from './shape.ts'
import { evaluate } from './unpack.ts'

const unpack = `${import.meta.dirname}/unpack.ts`

/**
 * Packs libraries that only some commands need, and loads each when something of it is first used. What merely stands
 * in the file is read and checked by the engine at every start, and kept in memory.
 *
 * Each path that is imported (`hono`, `hono/etag`) is bundled by itself, with all that it needs. So two of them must not
 * rely on a module that they share, and nothing of our own can be packed: the class of an error must not be there twice.
 * What they export is imported by its name; nothing is their default.
 *
 * @param names packages, with everything below them
 */
export function librariesWhenUsed(names: string[]): Plugin {
  return {
    name: 'libraries-when-used',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^(${names.join('|')})(/|$)`) }, ({ path, resolveDir }) => ({
        path,
        namespace: 'library',
        pluginData: resolveDir,
      }))
      onLoad({ filter: /^/, namespace: 'library' }, async ({ path, pluginData }) => {
        const text = await bundled(path, pluginData)
        const getters = Object.keys(evaluate(path, text)).map((name) => `get ${name}() { return load().${name} }`)
        return {
          // Within a function, so that the engine passes over the text until somebody asks for it.
          contents: `
            const { evaluate, unpack } = require(${JSON.stringify(unpack)})
            let loaded
            const load = () => loaded ??= evaluate('${path}', unpack('${pack(text)}'))
            module.exports = { ${getters.join(', ')} }`,
          resolveDir: import.meta.dirname,
        }
      })
    },
  }
}

async function bundled(path: string, resolveDir: string): Promise<string> {
  const { outputFiles } = await build({
    ...shape,
    stdin: { contents: `export * from '${path}'`, resolveDir },
    write: false,
    format: 'cjs',
    plugins: [builtinsWhenUsed],
  })
  return outputFiles[0]!.text
}
