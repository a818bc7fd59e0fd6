import { setFlagsFromString } from 'node:v8'

/**
 * V8 doubles the room for new objects, up to 48 MiB, whenever some of them outlive a collection. A batch always does,
 * and goes with the next one: the room would be filled with what is long gone, and its size be that of the process. V8
 * asks for this factor at each collection, so it may be set at any time; imported first, it is set before the room grows.
 * An engine that does not know the flag says so on standard error, and goes on.
 */
setFlagsFromString('--semi-space-growth-factor=1')
