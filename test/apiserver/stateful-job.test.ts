/**
 * StatefulJobs on a real API server, without machines: Jobs, storage and snapshots are played. Operators that end after every write, deletion
 * of whatever is involved, and what the Cosmos Operator has left.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { applyCrds } from '../../src/cli/crds.ts';
import { checkStatefulJob, warnOfStatefulJob } from '../../src/kinds/stateful-job/check.ts';
import { statefulJob } from '../../src/kinds/stateful-job/kind.ts';
import { STATEFUL_JOBS, type StatefulJob } from '../../src/kinds/stateful-job/schema.ts';
import { isConflict, isNotFound } from '../../src/kube/api-error.ts';
import type { Job, KubeObject, PersistentVolumeClaim } from '../../src/kube/objects.ts';
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  JOBS,
  PERSISTENT_VOLUME_CLAIMS,
  type ResourceType,
  VOLUME_SNAPSHOTS,
} from '../../src/kube/resource-types.ts';
import type { RunningManager } from '../../src/runtime/manager.ts';
import { createNamespace, useTestApi } from './control-plane.ts';
import { kubectl } from './kubectl.ts';
import { type OperatorOptions, runUntil, startOperator } from './mortal-operator.ts';
import { originalStatefulJobCrd } from './original-snapshot-crds.ts';
import { installVolumeSnapshots } from './volume-snapshot-crd.ts';

const api = useTestApi();
const WAITING = { timeout: 90_000, interval: 100 };
const NAME = 'export';
const SELECTOR = { chain: 'hub' };

const places: Place[] = [];

beforeAll(async () => {
  await applyCrds(api.kube);
  await installVolumeSnapshots(api.kube);
});
afterAll(() => Promise.all(places.map((place) => place.end())));

/** A namespace with snapshots, in which claims that are not needed any more go. */
class Place {
  readonly namespace = `jobs-${places.length + 1}`;
  #isOver = false;
  #turning: Promise<void> | undefined;
  #manager: RunningManager | undefined;
  #ahead = 0;

  async begin(): Promise<void> {
    places.push(this);
    await createNamespace(api.kube, this.namespace);
    await this.createSnapshot('first', '2026-01-01T00:00:00Z');
    this.#turning = this.#turnOn();
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all([this.#turning, this.#manager?.stop()]);
  }

  operatorOptions(): OperatorOptions {
    return {
      ...{ kube: api.kube, kind: statefulJob, namespaces: [this.namespace] },
      podGet: () => Promise.reject(new Error('there are no nodes')),
      now: () => new Date(Date.now() + this.#ahead),
    };
  }

  async startOperator(): Promise<void> {
    this.#manager = await startOperator(this.operatorOptions());
  }

  async createSnapshot(name: string, creationTime: string): Promise<void> {
    const metadata = { namespace: this.namespace, name, labels: SELECTOR };
    const snapshot = { apiVersion: 'snapshot.storage.k8s.io/v1', kind: 'VolumeSnapshot', metadata };
    await api.kube.create(VOLUME_SNAPSHOTS, snapshot);
    await this.patch(
      VOLUME_SNAPSHOTS,
      name,
      { status: { readyToUse: true, creationTime, restoreSize: '1Gi' } },
      'status',
    );
  }

  async create(status?: object): Promise<void> {
    const container = { name: 'a', image: 'b', volumeMounts: [{ name: 'snapshot', mountPath: '/data' }] };
    await api.kube.create(STATEFUL_JOBS, {
      ...{ apiVersion: 'cosmos.strange.love/v1alpha1', kind: 'StatefulJob' },
      metadata: { namespace: this.namespace, name: NAME },
      spec: {
        ...{ interval: '1h', selector: SELECTOR, volumeClaimTemplate: { storageClassName: 'fast' } },
        podTemplate: { spec: { containers: [container] } },
      },
    } as KubeObject);
    if (status !== undefined) await this.patch(STATEFUL_JOBS, NAME, { status }, 'status');
  }

  async get<T extends KubeObject>(type: ResourceType, name = NAME): Promise<T | undefined> {
    return api.kube.get<T>(type, { namespace: this.namespace, name });
  }

  async patch(type: ResourceType, name: string, patch: object, subresource?: 'status'): Promise<void> {
    const key = { namespace: this.namespace, name };
    await api.kube.mergePatch(type, key, patch, subresource === undefined ? {} : { subresource });
  }

  async delete(type: ResourceType, name = NAME): Promise<void> {
    const live = await this.get(type, name);
    const options = { propagationPolicy: 'Background' as const };
    if (live !== undefined)
      await api.kube.delete(type, { namespace: this.namespace, name }, { uid: live.metadata.uid ?? '' }, options);
  }

  async passHours(hours: number): Promise<void> {
    this.#ahead += hours * 3_600_000 + 1000;
    await this.patch(STATEFUL_JOBS, NAME, { metadata: { annotations: { ahead: String(this.#ahead) } } });
  }

  /** The Job and the name of the snapshot that its claim is made from. */
  async untilBoth(): Promise<[Job, string | undefined]> {
    return vi.waitFor(async () => {
      const [job, claim] = await Promise.all([
        this.get<Job>(JOBS),
        this.get<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS),
      ]);
      if (job === undefined || claim === undefined) throw new Error(`Job ${job?.kind}, claim ${claim?.kind}`);
      expect(claim.metadata.deletionTimestamp).toBeUndefined();
      return [job, claim.spec?.dataSource?.name];
    }, WAITING);
  }

  async endJob(): Promise<void> {
    const time = new Date().toISOString();
    const conditions = ['SuccessCriteriaMet', 'Complete'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: time,
    }));
    const status = { startTime: time, completionTime: time, succeeded: 1, conditions };
    await this.patch(JOBS, NAME, { status }, 'status');
    await vi.waitFor(async () => {
      const [entry] = (await this.get<StatefulJob>(STATEFUL_JOBS))?.status?.jobHistory ?? [];
      expect(entry?.succeeded).toBe(1);
    }, WAITING);
    await this.delete(JOBS);
  }

  async #turnOn(): Promise<void> {
    while (!this.#isOver) {
      const claim = await this.get(PERSISTENT_VOLUME_CLAIMS);
      if (claim?.metadata.deletionTimestamp !== undefined)
        await this.patch(PERSISTENT_VOLUME_CLAIMS, NAME, { metadata: { finalizers: null } }).catch((error) => {
          if (!isConflict(error) && !isNotFound(error)) throw error;
        });
      await sleep(50);
    }
  }
}

async function beginPlace(): Promise<Place> {
  const place = new Place();
  await place.begin();
  return place;
}

describe.concurrent('a StatefulJob', () => {
  test('has one Job at a time and a claim from the newest snapshot, whenever operators end', async () => {
    const place = await beginPlace();
    await place.create();
    const hasBoth = async () =>
      (await place.get(JOBS)) !== undefined &&
      (await place.get<StatefulJob>(STATEFUL_JOBS))?.status?.phase === 'Running';
    const lives = await runUntil(hasBoth, place.operatorOptions());
    expect(lives).toBeGreaterThan(1);
    const [job, source] = await place.untilBoth();
    expect([source, job.metadata.ownerReferences?.[0]?.kind]).toEqual(['first', 'StatefulJob']);
    await place.createSnapshot('second', '2026-01-02T00:00:00Z');
    await place.delete(JOBS);
    await runUntil(async () => (await place.get(PERSISTENT_VOLUME_CLAIMS)) === undefined, place.operatorOptions());
    await place.passHours(1);
    await runUntil(hasBoth, place.operatorOptions());
    expect((await place.untilBoth())[1]).toBe('second');
  });

  test('keeps the history, and begins the next after the interval', async () => {
    const place = await beginPlace();
    await place.create();
    await place.startOperator();
    const [job] = await place.untilBoth();
    await place.endJob();
    await vi.waitFor(async () => expect(await place.get(PERSISTENT_VOLUME_CLAIMS)).toBeUndefined(), WAITING);
    expect((await place.get<StatefulJob>(STATEFUL_JOBS))?.status?.jobHistory).toHaveLength(1);
    await place.passHours(1);
    const [next] = await place.untilBoth();
    expect(next.metadata.uid).not.toBe(job.metadata.uid);
  });

  test.each([
    ['its claim, while the Job waits for it', PERSISTENT_VOLUME_CLAIMS, 'first'],
    ['its Job', JOBS, 'first'],
  ] as const)('whose %s is deleted comes to its next Job', async (_what, type, source) => {
    const place = await beginPlace();
    await place.create();
    await place.startOperator();
    await place.untilBoth();
    await place.delete(type);
    if (type === JOBS) {
      await vi.waitFor(async () => expect(await place.get(PERSISTENT_VOLUME_CLAIMS)).toBeUndefined(), WAITING);
      await place.passHours(1);
    }
    expect((await place.untilBoth())[1]).toBe(source);
  });

  test('gives its Job another claim when the snapshot of the first is deleted before it is filled', async () => {
    const place = await beginPlace();
    await place.create();
    await place.startOperator();
    await place.untilBoth();
    await place.createSnapshot('second', '2025-12-01T00:00:00Z');
    await place.delete(VOLUME_SNAPSHOTS, 'first');
    await vi.waitFor(async () => expect((await place.untilBoth())[1]).toBe('second'), WAITING);
  });

  test('waits for a snapshot, and goes when it is deleted', async () => {
    const place = await beginPlace();
    await place.delete(VOLUME_SNAPSHOTS, 'first');
    await place.create();
    await place.startOperator();
    const statusOf = async () => (await place.get<StatefulJob>(STATEFUL_JOBS))?.status;
    await vi.waitFor(
      async () => expect((await statusOf())?.status).toContain('no ready to use VolumeSnapshots'),
      WAITING,
    );
    await place.createSnapshot('late', '2026-01-02T00:00:00Z');
    await place.patch(STATEFUL_JOBS, NAME, { metadata: { annotations: { look: 'now' } } });
    expect((await place.untilBoth())[1]).toBe('late');
    await place.delete(STATEFUL_JOBS);
    await vi.waitFor(async () => expect(await place.get(STATEFUL_JOBS)).toBeUndefined(), WAITING);
    // Garbage collection, which is not played, goes by this.
    for (const type of [JOBS, PERSISTENT_VOLUME_CLAIMS])
      expect((await place.get(type))?.metadata.ownerReferences?.[0]).toMatchObject({ name: NAME, controller: true });
  });

  test.each([
    ['with its Job and claim', true],
    ['with a claim that no Job has come to', false],
  ])('of the Cosmos Operator is taken over %s', async (_what, hasJob) => {
    const place = await beginPlace();
    const labels = { 'app.kubernetes.io/created-by': 'cosmos-operator', 'app.kubernetes.io/component': 'StatefulJob' };
    const metadata = { namespace: place.namespace, name: NAME, labels };
    await api.kube.create(PERSISTENT_VOLUME_CLAIMS, {
      ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata },
      spec: {
        ...{ accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: '1Gi' } } },
        dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'first' },
      },
    } as KubeObject);
    const template = { spec: { containers: [{ name: 'a', image: 'b' }], restartPolicy: 'Never' } };
    if (hasJob)
      await api.kube.create(JOBS, {
        ...{ apiVersion: 'batch/v1', kind: 'Job', metadata },
        spec: { template },
      } as KubeObject);
    // The Go operator notes a Job before it has seen it.
    await place.create({ observedGeneration: 1, jobHistory: [{}] });
    await place.startOperator();
    const before = (await place.get(JOBS))?.metadata.uid;
    const isOwned = ({ metadata: { ownerReferences } }: KubeObject) => expect(ownerReferences?.[0]?.name).toBe(NAME);
    await vi.waitFor(async () => {
      const [job] = await place.untilBoth();
      isOwned(job);
      isOwned((await place.get(PERSISTENT_VOLUME_CLAIMS)) as KubeObject);
      if (hasJob) expect(job.metadata.uid).toBe(before);
    }, WAITING);
    expect((await place.get<StatefulJob>(STATEFUL_JOBS))?.status?.jobHistory).toHaveLength(1);
  });
});

test('a sample with every field is taken as it is', async () => {
  const sample = parse(readFileSync(new URL('cosmos-samples/stateful-job.yaml', import.meta.url), 'utf8'));
  expect([...checkStatefulJob(sample), ...warnOfStatefulJob(sample)]).toEqual([]);
  expect(await kubectl(api, ['apply', '-f', '-'], sample)).toContain(`${sample.metadata.name} created`);
});

// Last, as it puts another CRD into the place of ours.
test('with the CRD of the Cosmos Operator Jobs are made, and none twice', async () => {
  const crd = originalStatefulJobCrd();
  const live = await api.kube.get<KubeObject>(CUSTOM_RESOURCE_DEFINITIONS, { name: crd.metadata.name });
  const { uid = '', resourceVersion = '' } = live?.metadata ?? {};
  await api.kube.replace(CUSTOM_RESOURCE_DEFINITIONS, { ...crd, metadata: { ...crd.metadata, uid, resourceVersion } });
  const place = await beginPlace();
  await place.create();
  await place.startOperator();
  const [job] = await place.untilBoth();
  await vi.waitFor(async () => {
    const status = (await place.get<StatefulJob>(STATEFUL_JOBS))?.status;
    expect(Object.keys(status ?? {}).sort()).toEqual(['jobHistory', 'observedGeneration']);
  }, WAITING);
  await place.endJob();
  await vi.waitFor(async () => expect(await place.get(PERSISTENT_VOLUME_CLAIMS)).toBeUndefined(), WAITING);
  await place.passHours(1);
  expect((await place.untilBoth())[0].metadata.uid).not.toBe(job.metadata.uid);
});
