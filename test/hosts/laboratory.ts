// The place where test hosts live: a network of their own with this process as its controller, and a file system in
// memory. It stands in namespaces that scripts/test_hosts.ts made, so it is gone when this process is.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { must } from './command.ts'
import { bootMachine, type Machine, network } from './machine.ts'

export type Laboratory = {
  readonly folder: string
  /** The private key that every host lets in as `ubuntu` and as `root`. */
  readonly keyFile: string
  readonly knownHostsFile: string
  /** @param layer an archive of what this host has over the image */
  boot(name: string, number: number, layer?: string): Promise<Machine>
  close(): Promise<void>
}

/** Makes network and folder, and unpacks the image. */
export async function openLaboratory(image: string): Promise<Laboratory> {
  const folder = '/run/laboratory'
  await mountMemory('/run')
  mkdirSync('/run/netns')
  mkdirSync(join(folder, 'image'), { recursive: true })
  await must('ip', ['link', 'set', 'lo', 'up'])
  await must('ip', ['link', 'add', network.bridge, 'type', 'bridge'])
  await must('ip', ['addr', 'add', `${network.prefix}.1/24`, 'dev', network.bridge])
  await must('ip', ['link', 'set', network.bridge, 'up'])
  await must('tar', ['-C', join(folder, 'image'), '--numeric-owner', '-xf', image], { timeoutMs: 300_000 })
  const keyFile = join(folder, 'key')
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'laboratory', '-f', keyFile])
  const laboratory = { folder, keyFile, knownHostsFile: join(folder, 'known_hosts') }
  const machines: Machine[] = []
  return {
    ...laboratory,
    async boot(name, number, layer) {
      // inotify does not see through an overlay, and collectors watch logs: they lie in a plain folder.
      const logs = join(folder, name, 'log')
      mkdirSync(join(folder, name))
      const layers = [join(folder, 'image')]
      if (layer !== undefined) {
        layers.unshift(join(folder, name, 'layer'))
        mkdirSync(layers[0]!)
        const xattrs = ['--xattrs', '--xattrs-include=trusted.*']
        await must('tar', ['-C', layers[0]!, ...xattrs, '--numeric-owner', '-xf', layer], { timeoutMs: 300_000 })
      }
      mkdirSync(logs)
      for (const each of layers.toReversed())
        if (existsSync(join(each, 'var/log'))) await must('cp', ['-a', `${each}/var/log/.`, logs])
      mkdirSync(join(logs, 'journal'), { recursive: true })
      const machine = await bootMachine({ name, layers, address: `${network.prefix}.${number}`, ...laboratory })
      machines.push(machine)
      return machine
    },
    async close() {
      await Promise.all(machines.map((machine) => machine.powerOff()))
    },
  }
}

/** Over a folder of this namespace alone; what lay below it is not needed here. */
const mountMemory = (path: string) => must('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', path])
