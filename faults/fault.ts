import type { Random } from '../test/world/random.ts'
import type { Site } from './site.ts'
import type { Traffic } from './traffic.ts'

/** What one fault asks of its surroundings. */
export interface Surroundings {
  /** A server of its own, as the fault stops it. The others are shared by all. */
  own?: 'influxdb' | 'postgres'
  /** Something between the collector and InfluxDB that can be told to misbehave. */
  gate?: boolean
  /** The collector is bound by a file's permissions even where it runs as root. */
  bound?: boolean
  /** The state folder is on a disk of its own that can be filled; needs root. */
  smallDisk?: boolean
  /** nginx, Galaxy and the collector have a clock that can be set. */
  clock?: boolean
}

/** One time that something fails. */
export interface Round {
  site: Site
  random: Random
  traffic: Traffic
  /** Waits for a moment of the round's own choice, in milliseconds. */
  moment(leastMs: number, mostMs: number): Promise<void>
}

export interface Fault {
  name: string
  /** What fails, in a line. */
  about: string
  surroundings?: Surroundings
  /** Makes it fail, and mends it, while the site is in use. */
  strike(round: Round): Promise<void>
  /** Asked when the collector has caught up: what is wrong beside the points. */
  afterwards?(round: Round): Promise<string[]>
}
