/**
 * A real chain of the Cosmos SDK for CosmosFullNodes to follow: one pod, outside of any operator, with its only validator and a web server
 * that has what public chains publish: genesis, address book, snapshots.
 */
import { readFileSync } from 'node:fs';
import { beforeAll } from 'vitest';
import { loadTestImage } from '../../cluster/cluster.ts';
import type { Pod, Service } from '../../src/kube/objects.ts';
import { PODS, SERVICES } from '../../src/kube/resource-types.ts';
import { getFromPod, heightOf, statusOf } from './chain.ts';
import { isOwnCluster, kube, kubectl } from './cluster-access.ts';
import { eventually } from './eventually.ts';
import type { Site } from './site.ts';

export const SIMD_IMAGE = 'nodewright/simd:test';
/** The same program under another name: a new image to roll to. */
export const NEXT_SIMD_IMAGE = 'nodewright/simd:test-again';

export const CHAIN_ID = 'fixture-1';

/** Height of the chain when the snapshots were taken. It has more blocks when a test gets to see it. */
export const SNAPSHOT_HEIGHT = 30;

/** A file inside of every snapshot, below the chain's home: whoever has it was restored from one. */
export const SNAPSHOT_MARK = 'data/restored-from-snapshot';

const NAME = 'chain';
const FILES_PORT = 8080;

/** What the web server has. The archives hold `data/` of the chain's home at SNAPSHOT_HEIGHT, without what only its validator may have. */
type PublishedFile =
  | 'genesis.json'
  | 'packed-genesis.json.gz'
  | 'packed-genesis.tar.gz'
  /** With another time in it: who has it runs and answers, accepts no block of the chain, and catches up for ever. */
  | 'wrong-genesis.json'
  | 'half-genesis.json'
  | 'addrbook.json'
  | 'snapshot.tar.lz4'
  | 'snapshot.tar.zst'
  | 'snapshot.tar.gz'
  | 'snapshot.tar.xz'
  | 'plain-snapshot.tar'
  /** Cut in the middle: databases are unpacked from it before its end comes too early. */
  | 'truncated.tar.lz4'
  /** A page of HTML, as some servers send instead of an error. */
  | 'page.tar.lz4'
  /** Small to download, and 64 MiB when unpacked. */
  | 'huge.tar.gz'
  | 'missing.json'
  | 'missing.tar.lz4';

export type CosmosChain = {
  /** The validator as a peer: `id@host:port`. */
  peer: string;
  /** Where a pod gets a file of the web server. */
  url(file: PublishedFile): string;
  /** Where nothing listens. */
  unreachableUrl(file: PublishedFile): string;
  /** What sha256sum says of a file. */
  sha256(file: PublishedFile): Promise<string>;
  height(): Promise<number>;
  /** From one block in five seconds to one a second. */
  hurry(): Promise<void>;
};

export type CosmosChainOptions = {
  /** One block in five seconds, until `hurry` is called: for nodes that are to be there before a certain block is. */
  slow?: boolean;
};

/** Call at the top of a file, after useSite, or whatever makes the namespace. The members are there when its tests run. */
export function useCosmosChain(site: Pick<Site, 'otherNamespace'>, options: CosmosChainOptions = {}): CosmosChain {
  const chain = {} as CosmosChain;
  beforeAll(async () => {
    Object.assign(chain, await startCosmosChain(site.otherNamespace, options));
  });
  return chain;
}

/** Starts the chain in a namespace and waits until it makes blocks and everything is published. */
async function startCosmosChain(namespace: string, { slow = false }: CosmosChainOptions): Promise<CosmosChain> {
  // In another cluster whoever named it has to have loaded the image.
  if (isOwnCluster) await loadTestImage('simd', { print: () => {} });
  const key = { namespace, name: NAME };
  const { spec } = await kube.create<Service>(SERVICES, service(namespace));
  await kube.create<Pod>(PODS, chainPod(namespace, spec?.clusterIP as string, slow));
  const pod = await eventually(150, async () => {
    const found = await kube.get<Pod>(PODS, key);
    if (!found?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) {
      throw new Error(`the fixture chain is not ready: ${JSON.stringify(found?.status)}`);
    }
    if ((await heightOf(found)) <= SNAPSHOT_HEIGHT) throw new Error('the fixture chain makes no blocks');
    return found;
  });
  const host = `${NAME}.${namespace}.svc.cluster.local`;
  const { node_info } = await statusOf(pod);
  return {
    peer: `${node_info.id}@${host}:26656`,
    url: (file) => `http://${host}:${FILES_PORT}/${file}`,
    unreachableUrl: (file) => `http://${host}:${FILES_PORT + 1}/${file}`,
    async sha256(file) {
      const sums = await getFromPod(pod, FILES_PORT, '/SHA256SUMS');
      const line = sums.split('\n').find((line) => line.endsWith(` ${file}`));
      if (line === undefined) throw new Error(`the fixture chain publishes no ${file}:\n${sums}`);
      return line.split(' ')[0] as string;
    },
    height: () => heightOf(pod),
    async hurry() {
      const inChain = ['exec', '--namespace', namespace, NAME, '--container', 'node', '--', 'sh', '-euc'];
      // It ends, and its container is started again.
      await kubectl(...inChain, `touch ${HURRY}; kill 1`);
    },
  };
}

function service(namespace: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name: NAME },
    spec: {
      selector: { app: NAME },
      // Peers look the name up once, when they start.
      publishNotReadyAddresses: true,
      ports: [
        { name: 'p2p', port: 26656 },
        { name: 'rpc', port: 26657 },
        { name: 'files', port: FILES_PORT },
        // Nobody answers there.
        { name: 'nothing', port: FILES_PORT + 1 },
      ],
    },
  };
}

/** `serviceIP` goes into the address book: a host's name would not be read there. */
function chainPod(namespace: string, serviceIP: string, slow: boolean): Pod {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const mounts = [
    { name: 'home', mountPath: '/chain' },
    { name: 'files', mountPath: '/files' },
  ];
  const container = (name: string, image: string, script: string) => ({
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['sh', '-euc', script],
    env: [
      { name: 'HOME', value: '/chain' },
      { name: 'SERVICE_IP', value: serviceIP },
      { name: 'TIMEOUT_COMMIT', value: slow ? '5s' : '1s' },
    ],
    volumeMounts: mounts,
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  });
  const httpReady = (port: number, path: string) => ({
    httpGet: { port, path },
    periodSeconds: 1,
    failureThreshold: 60,
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name: NAME, labels: { app: NAME } },
    spec: {
      terminationGracePeriodSeconds: 1,
      securityContext: {
        runAsUser: 1025,
        runAsGroup: 1025,
        fsGroup: 1025,
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      volumes: [
        { name: 'home', emptyDir: {} },
        { name: 'files', emptyDir: {} },
      ],
      initContainers: [
        container('first-blocks', SIMD_IMAGE, MAKE_FIRST_BLOCKS),
        // Of the busybox in the other image only half of the formats can be written.
        container('archives', `nodewright/nodewright:${version}`, MAKE_ARCHIVES),
      ],
      containers: [
        {
          ...container(
            'node',
            SIMD_IMAGE,
            `${SET_CONFIG}\n[ ! -e ${HURRY} ] || set_config timeout_commit '"1s"'\nexec ${START}`,
          ),
          readinessProbe: httpReady(26657, '/health'),
        },
        {
          ...container('files', SIMD_IMAGE, `exec busybox httpd -f -p ${FILES_PORT} -h /files`),
          readinessProbe: httpReady(FILES_PORT, '/SHA256SUMS'),
        },
      ],
    },
  };
}

const START = 'simd start --home /chain/home --minimum-gas-prices 0stake --rpc.laddr tcp://0.0.0.0:26657';

const SET_CONFIG = `set_config() { sed -i "s|^$1 = .*|$1 = $2|" /chain/home/config/config.toml; }`;
const HURRY = '/chain/hurry';

/** Ten blocks a second until the snapshot, so that nobody waits for it; then one, which leaves the machine to the nodes under test. */
const MAKE_FIRST_BLOCKS = `
simd="simd --home /chain/home"
$simd init fixture --chain-id ${CHAIN_ID} 2>/dev/null
$simd keys add validator --keyring-backend test >/dev/null 2>&1
$simd genesis add-genesis-account validator 1000000000000stake --keyring-backend test
$simd genesis gentx validator 500000000000stake --chain-id ${CHAIN_ID} --keyring-backend test 2>/dev/null
$simd genesis collect-gentxs 2>/dev/null
$simd genesis validate-genesis
${SET_CONFIG}
set_config addr_book_strict false
set_config allow_duplicate_ip true
set_config timeout_commit '"100ms"'
height() { busybox wget -qO- http://127.0.0.1:26657/status | sed -n 's/.*"latest_block_height":"\\([0-9]*\\)".*/\\1/p'; }
${START} >/tmp/log 2>&1 &
pid=$!
until [ "$(height 2>/dev/null || true)" -ge ${SNAPSHOT_HEIGHT} ] 2>/dev/null; do
  kill -0 $pid || { cat /tmp/log; exit 1; }
  sleep 0.2
done
kill $pid
wait $pid || true
set_config timeout_commit "\\"$TIMEOUT_COMMIT\\""
simd comet show-node-id --home /chain/home >/chain/node-id
`;

const MAKE_ARCHIVES = `
cd /files
cp /chain/home/config/genesis.json genesis.json
gzip <genesis.json >packed-genesis.json.gz
tar -czf packed-genesis.tar.gz genesis.json
jq '.genesis_time = "2020-01-01T00:00:00Z"' genesis.json >wrong-genesis.json
head -c 4000 genesis.json >half-genesis.json
entry='{"addr": {"id": $id, "ip": $ip, "port": 26656}, "src": {"id": $id, "ip": $ip, "port": 26656}, "buckets": [0], "attempts": 0, "bucket_type": 1,
  "last_attempt": "0001-01-01T00:00:00Z", "last_success": "0001-01-01T00:00:00Z", "last_ban_time": "0001-01-01T00:00:00Z"}'
jq -n --arg id "$(cat /chain/node-id)" --arg ip "$SERVICE_IP" "{key: \\"4b16e3a5a0d8e3f2c1b0a998\\", addrs: [$entry]}" >addrbook.json

# The write-ahead log and the sign state are the validator's own.
mkdir -p /chain/snapshot
cp -r /chain/home/data /chain/snapshot/
cd /chain/snapshot
rm -r data/cs.wal data/priv_validator_state.json
find data -name LOCK -delete
echo ${SNAPSHOT_HEIGHT} >${SNAPSHOT_MARK}
tar -cf /files/plain-snapshot.tar data
head -c 64M /dev/zero >filler
mkdir -p huge/data && mv filler huge/data/filler && cp -r data/application.db huge/data/
tar -czf /files/huge.tar.gz -C huge data/application.db data/filler
cd /files
lz4 -q -B4 <plain-snapshot.tar >snapshot.tar.lz4
zstd -q <plain-snapshot.tar >snapshot.tar.zst
gzip <plain-snapshot.tar >snapshot.tar.gz
xz <plain-snapshot.tar >snapshot.tar.xz
head -c $(($(stat -c %s snapshot.tar.lz4) / 2)) snapshot.tar.lz4 >truncated.tar.lz4
echo '<!DOCTYPE html><title>Moved</title><p>The snapshots are somewhere else now.' >page.tar.lz4
sha256sum * >SHA256SUMS
`;
