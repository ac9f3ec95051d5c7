/** The CronJob that sends xDAI to every identity of a pool (spec hopr §3.1). */
import type { Container, CronJob } from '../../../kube/objects.ts';
import type { HoprSettings } from '../../hopr-settings.ts';
import { IDENTITY_HOPRDS, type IdentityPool } from '../schema.ts';
import { DEFAULT_RESOURCES } from './container-settings.ts';
import { childMetadata, commonLabels } from './metadata.ts';
import { fromWallet } from './node-env.ts';
import { quoteForShell } from './node-files.ts';
import { secureHoprPod } from './pod-user.ts';

const HISTORY = 3;
const DATA_FOLDER = '/data';
const ADDRESSES = `${DATA_FOLDER}/addresses.txt`;
const MOUNTS = [{ name: 'data', mountPath: DATA_FOLDER }];

function autoFundingName({ metadata }: IdentityPool): string {
  return `auto-funding-${metadata.name}`;
}

/** Undefined where the pool has no funding. */
export function buildAutoFunding(pool: IdentityPool, settings: HoprSettings): CronJob | undefined {
  const { funding } = pool.spec;
  if (funding === undefined) return undefined;
  const { name } = pool.metadata;
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: childMetadata(pool, autoFundingName(pool), commonLabels(settings, name, 'auto-funding')),
    spec: {
      schedule: funding.schedule,
      concurrencyPolicy: 'Forbid',
      successfulJobsHistoryLimit: HISTORY,
      failedJobsHistoryLimit: HISTORY,
      jobTemplate: {
        spec: {
          parallelism: 1,
          completions: 1,
          backoffLimit: 1,
          activeDeadlineSeconds: 300,
          template: {
            spec: secureHoprPod(
              {
                restartPolicy: 'Never',
                serviceAccountName: name,
                initContainers: [buildListing(pool, settings)],
                containers: [buildFaucet(pool, settings, funding.nativeAmount)],
                volumes: [{ name: 'data', emptyDir: {} }],
              },
              settings.podSecurity,
            ),
          },
        },
      },
    },
  };
}

/** Writes the addresses, separated by commas. */
function buildListing({ metadata }: IdentityPool, { images }: HoprSettings): Container {
  const { plural, version, group } = IDENTITY_HOPRDS;
  const addresses = `{range .items[?(@.spec.identityPoolName=="${metadata.name}")]}{.spec.nativeAddress}{"\\n"}{end}`;
  const script = [
    'set -eu -o pipefail',
    `kubectl get ${plural}.${version}.${group} --namespace ${quoteForShell(metadata.namespace ?? '')} \\`,
    `  --output jsonpath=${quoteForShell(addresses)} | paste -s -d , - > ${ADDRESSES}`,
    `echo "identities to fund: $(cat ${ADDRESSES})"`,
    '',
  ].join('\n');
  return {
    name: 'kubectl',
    image: images.kubectl,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/bash', '-c'],
    args: [script],
    resources: DEFAULT_RESOURCES,
    volumeMounts: MOUNTS,
  };
}

function buildFaucet({ spec }: IdentityPool, { images, providerUrl }: HoprSettings, amount: string): Container {
  const script = [
    'set -eu',
    `addresses=$(cat ${ADDRESSES})`,
    'if [ -z "$addresses" ]; then',
    '  echo "the pool has no identity yet"',
    '  exit 0',
    'fi',
    'PATH="$PATH:/app/hoprnet/.foundry/bin/" /bin/hopli faucet \\',
    `  --provider-url ${quoteForShell(providerUrl)} --network ${quoteForShell(spec.network)} \\`,
    `  --hopr-amount 0 --native-amount ${quoteForShell(amount)} --address "$addresses"`,
    '',
  ].join('\n');
  return {
    name: 'hopli',
    image: images.hopli,
    imagePullPolicy: 'Always',
    command: ['/bin/bash', '-c'],
    args: [script],
    env: ['DEPLOYER_PRIVATE_KEY', 'PRIVATE_KEY'].map((name) =>
      fromWallet(name, spec.secretName, 'DEPLOYER_PRIVATE_KEY'),
    ),
    resources: DEFAULT_RESOURCES,
    volumeMounts: MOUNTS,
  };
}
