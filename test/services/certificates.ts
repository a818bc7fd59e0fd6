// A certificate authority that nobody but the test believes, and a server's certificate from it.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { programPath } from './needed.ts'

export type Certificates = { caFile: string; ca: string; certificateFile: string; keyFile: string }

const run = promisify(execFile)

/** Makes both in a folder with openssl; the server's is good for `127.0.0.1` and `localhost`. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const openssl = programPath('openssl')
  const [caFile, caKeyFile] = [join(folder, 'ca.pem'), join(folder, 'ca.key')]
  const [certificateFile, keyFile] = [join(folder, 'server.pem'), join(folder, 'server.key')]
  const [requestFile, extensionsFile] = [join(folder, 'server.csr'), join(folder, 'server.ext')]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const authority = ['-x509', '-subj', '/CN=Test authority', '-days', '2', '-out', caFile]
  await run(openssl, ['req', ...key, '-keyout', caKeyFile, ...authority])
  await run(openssl, ['req', ...key, '-keyout', keyFile, '-subj', '/CN=localhost', '-out', requestFile])
  await writeFile(extensionsFile, 'subjectAltName = IP:127.0.0.1, DNS:localhost\nbasicConstraints = CA:FALSE\n')
  const signer = ['-CA', caFile, '-CAkey', caKeyFile, '-CAcreateserial', '-days', '2', '-extfile', extensionsFile]
  await run(openssl, ['x509', '-req', '-in', requestFile, ...signer, '-out', certificateFile])
  return { caFile, ca: await readFile(caFile, 'utf8'), certificateFile, keyFile }
}
