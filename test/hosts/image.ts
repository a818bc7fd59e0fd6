// The image that test hosts start from: made once, kept outside the repository, and made anew when its recipe changes.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { must } from './command.ts'

const release = 'bookworm'
const recipe = join(import.meta.dirname, 'image.sh')
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'workflow-reporting')

/** The archive's path; makes it where it is missing, which takes two minutes and a Debian mirror. */
export async function hostImage(say: (text: string) => void): Promise<string> {
  const key = createHash('sha256')
    .update(release)
    .update(process.arch)
    .update(await readFile(recipe))
    .digest('hex')
  const archive = join(cache, `host-${key.slice(0, 16)}.tar.zst`)
  if (existsSync(archive)) return archive
  say('Making the image of the test hosts, once; about two minutes ...')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'making-'))
  try {
    await must('sh', [recipe, join(folder, 'image'), release, await mirror()], { timeoutMs: 1_200_000 })
    const tar = ['-C', join(folder, 'image'), '--zstd', '--numeric-owner', '-cf', join(folder, 'image.tar.zst'), '.']
    await must('tar', tar, { timeoutMs: 300_000 })
    await rename(join(folder, 'image.tar.zst'), archive)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  for (const name of await readdir(cache)) {
    if (/^host-.*\.tar\.zst$/.test(name) && join(cache, name) !== archive) await rm(join(cache, name))
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
