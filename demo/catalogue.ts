/** The main site and the labs, all of one Galaxy. */
export const sites = {
  main: 'usegalaxy.org.au',
  genome: 'genome.usegalaxy.org.au',
  proteomics: 'proteomics.usegalaxy.org.au',
  singlecell: 'singlecell.usegalaxy.org.au',
  microbiology: 'microbiology.usegalaxy.org.au',
} as const

export type Site = keyof typeof sites

export type Provenance =
  | { kind: 'trs'; registry: 'dockstore' | 'workflowhub'; toolId: string; versions: string[] }
  | { kind: 'url'; address: string }
  | { kind: 'local' }

/** A workflow as people know it. Each person who imports it gets a copy of their own. */
export interface Work {
  name: string
  site: Site
  provenance: Provenance
  /** How often it is run, compared with the others. */
  weight: number
}

const iwc = (site: Site, weight: number, name: string, path: string, ...versions: string[]): Work => ({
  name,
  site,
  weight,
  provenance: { kind: 'trs', registry: 'dockstore', toolId: `#workflow/github.com/iwc-workflows/${path}`, versions },
})

const hub = (site: Site, weight: number, name: string, toolId: string, ...versions: string[]): Work => ({
  name,
  site,
  weight,
  provenance: { kind: 'trs', registry: 'workflowhub', toolId, versions },
})

const fromUrl = (site: Site, weight: number, name: string, address: string): Work => ({
  name,
  site,
  weight,
  provenance: { kind: 'url', address },
})

const local = (site: Site, weight: number, name: string): Work => ({
  name,
  site,
  weight,
  provenance: { kind: 'local' },
})

const training = 'https://training.galaxyproject.org/training-material/topics'
const iwcOnGitHub = 'https://raw.githubusercontent.com/iwc-workflows'

/** Workflows of the kind that such a server runs: public ones under their real names, and what people make at home. */
export const catalogue: readonly Work[] = [
  iwc('main', 14, 'RNA-Seq Analysis: Paired-End Read Processing and Quantification', 'rnaseq-pe/main', 'v1.0', 'v1.2'),
  iwc('main', 5, 'RNA-Seq Analysis: Single-End Read Processing and Quantification', 'rnaseq-sr/main', 'v1.0'),
  iwc('main', 6, 'ATAC-seq Analysis: Chromatin Accessibility Profiling', 'atacseq/main', 'v0.17', 'v1.0'),
  iwc('main', 5, 'ChIP-seq Analysis: Paired-End Read Processing', 'chipseq-pe/main', 'v0.12'),
  iwc('main', 3, 'CUT&RUN/CUT&TAG Analysis: Protein-DNA Interaction Mapping', 'cutandrun/main', 'v0.13'),
  iwc('main', 3, 'Parallel Accession Download', 'parallel-accession-download/main', 'v0.1.14'),
  iwc(
    'genome',
    9,
    'Genome assembly from Hifi reads with HiC phasing - VGP4',
    'Assembly-Hifi-HiC-phasing-VGP4/main',
    'v0.2',
    'v0.4',
  ),
  iwc('genome', 7, 'Kmer profiling HiFi - VGP1', 'kmer-profiling-hifi-VGP1/main', 'v0.1.8', 'v0.2'),
  iwc('genome', 4, 'Scaffolding with Hi-C data - VGP8', 'Scaffolding-HiC-VGP8/main', 'v0.2.7'),
  iwc('genome', 3, 'Assembly decontamination - VGP9', 'Assembly-decontamination-VGP9/main', 'v0.3'),
  iwc('genome', 2, 'Mitogenome Assembly - VGP0', 'Mitogenome-Assembly-VGP0/main', 'v0.2.1'),
  iwc(
    'microbiology',
    8,
    'Bacterial Genome Assembly using Shovill',
    'bacterial-genome-assembly/main',
    'v1.1.4',
    'v1.1.6',
  ),
  iwc('microbiology', 7, 'AMR gene detection in an assembled bacterial genome', 'amr_gene_detection/main', 'v1.1.3'),
  iwc('microbiology', 4, 'Bacterial genome annotation', 'bacterial_genome_annotation/main', 'v1.1.7'),
  iwc('microbiology', 4, 'Metagenome-Assembled Genomes (MAGs) generation', 'mags-building/main', 'v1.0', 'v1.3'),
  iwc(
    'microbiology',
    3,
    'Taxonomy Profiling and Visualisation with Krona',
    'taxonomy-profiling-and-visualization-with-krona/main',
    'v0.1',
  ),
  iwc(
    'singlecell',
    9,
    'Single-Cell RNA-seq Preprocessing: 10X Genomics v3',
    'scrna-seq-fastq-to-matrix-10x/scrna-seq-fastq-to-matrix-10x-v3',
    'v0.6',
  ),
  iwc('singlecell', 3, 'baredSC 1D: one gene, log-normalised', 'baredsc/baredSC-1d-logNorm', 'v0.5'),
  iwc('proteomics', 5, 'Clinical metaproteomics: discovery', 'clinicalmp-discovery/main', 'v0.2'),
  iwc('proteomics', 4, 'Mass spectrometry: LC-MS preprocessing with XCMS', 'lcms-preprocessing/main', 'v1.0'),
  iwc('proteomics', 2, 'Mass spectrometry: GC-MS with metaMS', 'gcms-metams/main', 'v0.1'),
  hub('genome', 6, 'kmer counting - meryl', '223', '1'),
  hub('genome', 6, 'Trim and filter reads - fastp', '224', '1'),
  hub('genome', 5, 'Large genome assembly and polishing', '230', '1'),
  hub('genome', 4, 'Genome assessment post-assembly', '403', '5', '6'),
  hub('genome', 5, 'Repeat masking - TSI', '875', '3'),
  hub('genome', 4, 'Find transcripts - TSI', '877', '2'),
  hub('genome', 3, 'Fgenesh annotation - TSI', '881', '5', '6'),
  hub('singlecell', 3, 'Single-cell quality control and clustering with Scanpy', '1201', '2'),
  fromUrl(
    'main',
    4,
    'Quality control and mapping (training)',
    `${training}/sequence-analysis/tutorials/mapping/workflows/mapping.ga`,
  ),
  fromUrl(
    'singlecell',
    6,
    'Filter, plot and explore single-cell data (training)',
    `${training}/single-cell/tutorials/scrna-case_basic-pipeline/workflows/main_workflow.ga`,
  ),
  fromUrl(
    'microbiology',
    3,
    'Nanopore pre-processing',
    `${iwcOnGitHub}/nanopore-pre-processing/v0.1/Nanopore-Pre-Processing.ga?token=GHSAT0AAAAAA`,
  ),
  fromUrl(
    'main',
    3,
    'ATAC-seq Analysis: Chromatin Accessibility Profiling',
    'https://dockstore.org/api/ga4gh/trs/v2/tools/%23workflow%2Fgithub.com%2Fiwc-workflows%2Fatacseq%2Fmain/versions/v1.0/PLAIN_GALAXY/descriptor',
  ),
  local('main', 4, 'Unnamed workflow'),
  local('main', 3, 'rnaseq hisat2 + featureCounts (my version)'),
  local('genome', 3, 'Wattle assembly, run 3 "final"'),
  local('genome', 2, 'Platypus long reads ≥ 10 kb'),
  local('proteomics', 5, 'MaxQuant to LFQ, two conditions'),
  local('proteomics', 3, 'DIA-NN → MSstats'),
  local('singlecell', 2, 'snRNA kidney = batch 7, corrected'),
  local('microbiology', 3, 'Salmonella typing, weekly'),
]
