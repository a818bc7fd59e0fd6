import { setFlagsFromString } from 'node:v8'

/**
 * V8 doubles the room for new objects, up to 48 MiB, whenever some of them outlive a collection. A batch always does,
 * and goes with the next one: the room would be filled with what is long gone, and its size be that of the process. V8
 * asks for this factor at each collection, so it may be set at any time; imported first, it is set before the room grows.
 * An engine that does not know the flag says so on standard error, and goes on.
 */
const setGrowthFactor = (factor: number) => setFlagsFromString(`--semi-space-growth-factor=${factor}`)

setGrowthFactor(1)

/**
 * Lets the room grow from 1 MiB to 4 at the next collection, for a command that makes one batch after another: what
 * outlives four times as few collections is kept for the next to find gone.
 *
 * @returns call it when some megabytes were made and before many more are: it must not grow again
 */
export function growYoungGeneration(): () => void {
  setGrowthFactor(4)
  return () => setGrowthFactor(1)
}
