/** Looks at a chain from outside all the time, while something is done to it. */
import { heightOf } from './chain.ts';
import type { Place } from './kind-access.ts';
import { nodePods } from './network.ts';
import { LOOK_MS, observe, type Sample } from './observer.ts';

type Look = {
  /** Names of the validators whose RPC answered. */
  answering: string[];
  /** The highest that any of them had. */
  height: number;
};

export type Observation = {
  samples: readonly Sample<Look>[];
  /** The fewest validators that answered at any time. */
  fewestAnswering: number;
  /** The longest time without a new block, in seconds. */
  longestPause: number;
};

/** Starts to look at the validators of a network; `stop` says what was seen. */
export function observeChain(place: Place): { stop(): Promise<Observation> } {
  const observer = observe(() => lookAt(place));
  return {
    async stop() {
      const samples = await observer.stop();
      return {
        samples,
        fewestAnswering: Math.min(...samples.map(({ answering }) => answering.length)),
        longestPause: longestPauseOf(samples),
      };
    },
  };
}

async function lookAt(place: Place): Promise<Look> {
  const validators = (await nodePods(place)).filter(
    (pod) => pod.metadata.labels?.['nodewright.dev/role'] === 'validator',
  );
  const heights = await Promise.all(validators.map((pod) => heightOf(pod, LOOK_MS).catch(() => undefined)));
  return {
    answering: validators.flatMap((pod, index) => (heights[index] === undefined ? [] : [pod.metadata.name])),
    height: Math.max(0, ...heights.map((height) => height ?? 0)),
  };
}

function longestPauseOf(samples: readonly Sample<Look>[]): number {
  let [height, since, longest] = [0, samples[0]?.at ?? 0, 0];
  for (const sample of samples) {
    if (sample.height > height) [height, since] = [sample.height, sample.at];
    longest = Math.max(longest, sample.at - since);
  }
  return longest / 1000;
}
