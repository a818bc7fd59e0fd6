// How the tests of this folder ask: with values at random, and few enough of them for every change.
import fc from 'fast-check'

const seed = process.env['PROPERTY_SEED']
/** How many times as many values as usual. */
const patience = Number(process.env['PROPERTY_PATIENCE'] ?? 1)

/**
 * Fails with the least value found for which `predicate` throws or is false, and with the seed that makes it again
 * (PROPERTY_SEED).
 */
export function holds<T extends [unknown, ...unknown[]]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  predicate: (...values: T) => boolean | undefined,
  runs = 500,
): void {
  fc.assert(fc.property(...arbitraries, predicate), settingsOf(runs))
}

/** The same, of what takes a while. */
export async function holdsLater<T extends [unknown, ...unknown[]]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  predicate: (...values: T) => Promise<boolean | undefined>,
  runs = 100,
): Promise<void> {
  await fc.assert(fc.asyncProperty(...arbitraries, predicate), settingsOf(runs))
}

function settingsOf(runs: number) {
  return { numRuns: Math.ceil(runs * patience), ...(seed !== undefined && { seed: Number(seed) }) }
}

/** Texts of pieces that mean something to somebody on the way, and of any others, half characters included. */
export const hostileText = (pieces: readonly string[], maxLength = 20): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...pieces) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) },
      ),
      { maxLength },
    )
    .map((parts) => parts.join(''))
