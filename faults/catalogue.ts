import type { Fault } from './fault.ts'
import { influxdbFaults } from './kinds/influxdb.ts'
import { logFileFaults } from './kinds/log_file.ts'
import { machineFaults } from './kinds/machine.ts'
import { postgresFaults } from './kinds/postgres.ts'
import { powerFaults } from './kinds/power.ts'
import { processFaults } from './kinds/process.ts'
import { refusedPointsFault } from './kinds/refused_points.ts'
import { rotationFaults } from './kinds/rotation.ts'

export const catalogue: readonly Fault[] = [
  ...processFaults,
  ...powerFaults,
  ...rotationFaults,
  ...logFileFaults,
  ...influxdbFaults,
  refusedPointsFault,
  ...postgresFaults,
  ...machineFaults,
]
