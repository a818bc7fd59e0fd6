// What test hosts start from: made once, kept outside the repository, and made anew when its recipe changes.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { must } from './command.ts'

const release = 'bookworm'
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'workflow-reporting')
const recipe = (name: string) => join(import.meta.dirname, name)

/** The path of the image of all hosts; makes it where it is missing, which takes two minutes and a Debian mirror. */
export function hostImage(say: (text: string) => void): Promise<string> {
  return kept('host', [release, process.arch], recipe('image.sh'), async (folder, archive) => {
    say('Making the image of the test hosts, once; about two minutes ...')
    await must('sh', [recipe('image.sh'), join(folder, 'image'), release, await mirror()], { timeoutMs: 1_200_000 })
    const tar = ['-C', join(folder, 'image'), '--zstd', '--numeric-owner', '-cf', archive, '.']
    await must('tar', tar, { timeoutMs: 300_000 })
  })
}

/** The path of what RabbitMQ's host has over that image, so that the others stay small; another minute. */
export function brokerLayer(image: string, say: (text: string) => void): Promise<string> {
  return kept('broker', [basename(image)], recipe('broker.sh'), async (_, archive) => {
    say('Making the layer of RabbitMQ’s host, once; about a minute ...')
    const alone = ['--mount', '--propagation', 'private']
    await must('unshare', [...alone, 'sh', recipe('broker.sh'), image, archive], { timeoutMs: 1_200_000 })
  })
}

/** An archive known by its recipe and by what that starts from; older ones of the same kind are removed. */
async function kept(
  kind: string,
  origins: string[],
  recipe: string,
  make: (folder: string, archive: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256')
  for (const part of [...origins, await readFile(recipe)]) hash.update(part)
  const archive = join(cache, `${kind}-${hash.digest('hex').slice(0, 16)}.tar.zst`)
  if (existsSync(archive)) return archive
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'making-'))
  try {
    await make(folder, join(folder, 'archive.tar.zst'))
    await rename(join(folder, 'archive.tar.zst'), archive)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  for (const name of await readdir(cache)) {
    const isOld = name.startsWith(`${kind}-`) && name.endsWith('.tar.zst') && join(cache, name) !== archive
    if (isOld) await rm(join(cache, name))
  }
  return archive
}

/** Where this machine's own apt gets Debian from. */
async function mirror(): Promise<string> {
  const format = ['--format', '$(RELEASE) $(REPO_URI)']
  const lines = (await must('apt-get', ['indextargets', ...format, 'Created-By: Packages'])).split('\n')
  const uri = lines.find((line) => line.startsWith(`${release} `))?.split(' ')[1]
  if (uri === undefined)
    throw new Error(`apt's sources name no mirror of Debian ${release}, which the image is made of`)
  return uri
}
