/** What tests do with the resources of a kind, and see of them and of the pods of their nodes, whatever the kind. */
import type { Condition, KubeObject, Pod } from '../../src/kube/objects.ts';
import { EVENTS, PODS, type ResourceType } from '../../src/kube/resource-types.ts';
import { heightOf } from './chain.ts';
import { kube } from './cluster-access.ts';
import { eventually } from './eventually.ts';

/** Where a resource is. */
export type Place = { namespace: string; name: string };

export type WantedCondition = { status: Condition['status']; reason?: string; message?: RegExp };

type Resource = KubeObject & {
  status?: { observedGeneration?: number | undefined; conditions?: Condition[] | undefined } | undefined;
};

/** `nodeSelector` is the label selector of the pods of a resource's nodes. */
export function accessTo<T extends Resource>(type: ResourceType, nodeSelector: (place: Place) => string) {
  /** Throws when it does not exist. */
  async function get(place: Place): Promise<T> {
    const resource = await kube.get<T>(type, place);
    if (resource === undefined) throw new Error(`${type.kind} ${place.name} does not exist`);
    return resource;
  }

  /** The pods of its nodes, in the order of their names. */
  async function nodePods(place: Place): Promise<Pod[]> {
    const pods = await kube.list<Pod>(PODS, { namespace: place.namespace, labelSelector: nodeSelector(place) });
    return pods.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  /** `node` is what comes after the name of the resource in that of the pod. */
  async function nodePod(place: Place, node: string | number): Promise<Pod> {
    const name = `${place.name}-${node}`;
    const pod = await kube.get<Pod>(PODS, { namespace: place.namespace, name });
    if (pod === undefined) throw new Error(`Pod ${name} does not exist`);
    return pod;
  }

  return {
    get,
    nodePods,
    nodePod,

    /** Merges into the spec, as `kubectl patch --type merge` does; null removes a member. */
    patchSpec: (place: Place, spec: object): Promise<T> => kube.mergePatch(type, place, { spec }),

    /** Null removes an annotation. */
    annotate: (place: Place, annotations: Record<string, string | null>): Promise<T> =>
      kube.mergePatch(type, place, { metadata: { annotations } }),

    /** Deletes a resource and waits until it and the pods of its nodes are gone. */
    async remove(place: Place): Promise<void> {
      const { metadata } = await get(place);
      await kube.delete(type, place, { uid: metadata.uid as string });
      await eventually(60, async () => {
        const resource = await kube.get<T>(type, place);
        if (resource !== undefined)
          throw new Error(`${type.kind} ${place.name} is still there: ${conditionOf(resource, 'Ready')?.message}`);
        const pods = await nodePods(place);
        if (pods.length > 0) throw new Error(`still there: ${pods.map(({ metadata }) => metadata.name)}`);
      });
    },

    /** Waits for a condition of the spec as it is now and returns its message. */
    untilCondition(place: Place, conditionType: string, wanted: WantedCondition, seconds = 60): Promise<string> {
      return eventually(seconds, async () => {
        const resource = await get(place);
        const found = conditionOf(resource, conditionType);
        const is =
          found?.status === wanted.status &&
          (wanted.reason === undefined || found.reason === wanted.reason) &&
          (wanted.message === undefined || wanted.message.test(found.message));
        if (!is || resource.status?.observedGeneration !== resource.metadata.generation) {
          const words = `${wanted.status} ${wanted.reason ?? ''} ${wanted.message ?? ''}`;
          throw new Error(`${conditionType} of ${place.name} is not ${words} but ${JSON.stringify(found)}`);
        }
        return found.message;
      });
    },

    /** What a restart changes, by name of the pod: its uid, and how often the node's process was started in it. */
    async lifeOfPods(place: Place): Promise<Record<string, string>> {
      const pods = await nodePods(place);
      return Object.fromEntries(
        pods.map((pod) => {
          const node = pod.status?.containerStatuses?.find((container) => container.name === 'node');
          return [pod.metadata.name, `${pod.metadata.uid} restarted ${node?.restartCount ?? 0} times`];
        }),
      );
    },

    /** Waits until every node is at the height or beyond. */
    async untilHeight(place: Place, height: number, seconds = 90): Promise<void> {
      await eventually(seconds, async () => {
        const pods = await nodePods(place);
        if (pods.length === 0) throw new Error(`${place.name} has no nodes`);
        for (const pod of pods) {
          const found = await heightOf(pod);
          if (found < height) throw new Error(`${pod.metadata.name} is at height ${found} and not at ${height}`);
        }
      });
    },

    /** Waits until a node has made or got some more blocks. */
    async untilMoreBlocks(place: Place, node: string | number, blocks = 2, seconds = 40): Promise<void> {
      const before = await eventually(seconds, async () => heightOf(await nodePod(place, node)));
      await eventually(seconds, async () => {
        const now = await heightOf(await nodePod(place, node));
        if (now < before + blocks) throw new Error(`${place.name}-${node} is at height ${now}, as before`);
      });
    },

    /** The events of a resource; an event that happened several times is there once. */
    async events(place: Place): Promise<{ reason: string; note: string }[]> {
      type Event = KubeObject & { reason: string; note?: string; regarding?: { name: string; kind: string } };
      const events = await kube.list<Event>(EVENTS, { namespace: place.namespace });
      return events
        .filter(({ regarding }) => regarding?.kind === type.kind && regarding.name === place.name)
        .map(({ reason, note }) => ({ reason, note: note ?? '' }));
    },
  };
}

export function conditionOf({ status }: Resource, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}
