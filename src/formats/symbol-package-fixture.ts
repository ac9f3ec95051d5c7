/** For tests: the package of a Symbol network that does not exist, with every file of a real one and of each the lines that we touch. */

const properties: Record<string, string> = {
  database: '[database]\n\ndatabaseUri = mongodb://db:27017\n',
  'extensions-broker': '[extensions]\n\nextension.mongo = true\n',
  'extensions-recovery':
    '[extensions]\n\n# first\nextension.addressextraction = false\nextension.mongo = false\nextension.zeromq = false\n',
  'extensions-server':
    '[extensions]\n\nextension.filespooling = false\nextension.partialtransaction = false\nextension.harvesting = true\n',
  finalization: '[finalization]\n\nenableVoting = false\nunfinalizedBlocksDuration = 10m\n',
  harvesting: `[harvesting]

harvesterSigningPrivateKey = ${'A'.repeat(64)}
harvesterVrfPrivateKey = ${'A'.repeat(64)}

enableAutoHarvesting = false
maxUnlockedAccounts = 10
beneficiaryAddress = ${''}
`,
  inflation: '[inflation]\n\nstarting-at-height-2 = 0\n',
  'logging-broker': '[file]\n\ndirectory = /logs\n',
  'logging-recovery': '[file]\n\ndirectory = /logs\n',
  'logging-server': '[file]\n\ndirectory = /logs\n',
  messaging: '[messaging]\n\nsubscriberPort = 7902\n',
  network: `[network]

generationHashSeed = ${'5A'.repeat(32)}

[chain]

blockGenerationTargetTime = 30s
votingSetGrouping = 720
maxVotingKeysPerAccount = 3
minVotingKeyLifetime = 28
maxVotingKeyLifetime = 720
`,
  node: `[node]

port = 7900
enableAutoSyncCleanup = true
# all hosts are trusted when list is empty
trustedHosts = 127.0.0.1
localNetworks = 127.0.0.1

[localnode]

host = myServerHostnameOrPublicIp
friendlyName = myServerFriendlyName
version = ${''}
roles = Peer
`,
  pt: '[partialtransactions]\n\ncacheMaxSize = 20MB\n',
  task: '[sync task]\n\nstartDelay = 3s\n',
  timesync: '[timesynchronization]\n\nmaxNodes = 20\n',
  user: '[storage]\n\nseedDirectory = /seed\n',
};

const shoestring = `[network]

name = testnet
identifier = 152
epochAdjustment = 1600000000
generationHashSeed = ${'5A'.repeat(32)}

[images]

client = catapult:1
rest = rest:2
mongo = mongo:3

[services]

nodewatch = https://nodewatch.test/

[transaction]

feeMultiplier = 200
timeoutHours = 1
minCosignaturesCount = 0
hashLockDuration = 1440
currencyMosaicId = 0x72C0'212E'67A0'8BCE
lockedFundsPerAggregate = 10000000
`;

/** Files by path. `edits` adds some, replaces some, and leaves out those that are undefined. */
export function makePackageFiles(edits: Readonly<Record<string, string | undefined>> = {}): Map<string, Uint8Array> {
  const texts: Record<string, string | undefined> = {
    'sai/shoestring.ini': shoestring,
    'sai/seed/index.dat': 'index',
    'sai/seed/proof.index.dat': 'proof',
    'sai/seed/00000/00001.dat': 'block',
    'sai/seed/00000/00001.proof': 'block proof',
    'sai/seed/00000/00001.stmt': 'statements',
    'sai/seed/00000/hashes.dat': 'hashes',
    'sai/seed/00000/proof.heights.dat': 'heights',
    'sai/rest/rest.json': '{\n\t"port": 3000,\n\t"db": { "url": "mongodb://db:27017/", "pageSizes": [10, 100] }\n}\n',
    'sai/rest/rest-light.json': '{\n\t"port": 3000\n}\n',
    'sai/mongo/mongoDbPrepare.js': '// indexes\n',
    ...Object.fromEntries(
      Object.entries(properties).map(([name, text]) => [`sai/resources/config-${name}.properties`, text]),
    ),
    ...edits,
  };
  return new Map(
    Object.entries(texts).flatMap(([path, text]): [string, Uint8Array][] =>
      text === undefined ? [] : [[path, Buffer.from(text)]],
    ),
  );
}
