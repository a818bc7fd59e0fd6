import type { BuildOptions } from 'esbuild'

/** What all that runs in Node.js has in common. */
export const shape = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  // MongoDB's driver takes it where it is there; here a tool of the tests has it, and the product has not.
  external: ['socks'],
  // Names stay, and lines stay short, so that a stack still tells where it comes from.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120,
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions
