// What people call their workflows, and what they call them to see what breaks.
import type { Random } from './random.ts'

/**
 * Names that have broken something somewhere. Left out on purpose: names of white space alone (the contract does not
 * say whether they are empty), and control characters above 0x7f.
 */
export const hostileNames: readonly (string | null)[] = [
  null,
  '',
  'two\nlines',
  'tab\tand\rreturn',
  'bell\u0007 escape\u001b delete\u007f',
  'a,b,c',
  'left=right',
  'x y=1,z=2 1700000000000000000',
  'ends in a backslash\\',
  'ends in three\\\\\\',
  '\\',
  'C:\\data\\reads',
  'doubled \\\\backslash',
  'backslash\\ before\\,all\\=that\\,b=\\\\ matters',
  'backslash before a newline\\\nand a tab\\\t',
  'say "cheese"',
  "it's",
  '“curly” – dash…',
  '#not a comment',
  'workflow_invocation,domain=x count=1',
  '🧬',
  '👩‍🔬 family 👨‍👩‍👧‍👦',
  'Überprüfung der Qualität',
  '变异检测流程',
  'مرحبا',
  'e\u0301 combining',
  ' a space on either side ',
  '<script>alert(1)</script>',
  "'; DROP TABLE workflow; --",
  '{{ template }} $shell $(command) `tick`',
  '%20%0A%zz',
  'null',
  'undefined',
  '0',
  'x'.repeat(300),
  '🧪'.repeat(300),
  `${'y'.repeat(255)}\\${'z'.repeat(44)}`,
  `${'w'.repeat(255)}🧫 cut after me`,
  `${'v'.repeat(256)}\\`,
]

const subjects = ['Variant calling', 'RNA-seq', 'Genome assembly', 'Peptide search', 'Taxonomic profiling', 'ATAC-seq']
const details = ['paired end', 'single cell', 'long reads', 'QC', 'for the course', 'v2', 'with reports', 'training']

/** An everyday name. Several workflows may get the same one. */
export function everydayName(random: Random): string {
  return `${random.pick(subjects)} ${random.pick(details)} ${random.integer(1, 60)}`
}
