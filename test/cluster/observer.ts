/** Looks at a chain from outside all the time, while something is done to it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { heightOf } from './chain.ts';
import { nodePods, type Place } from './network.ts';

const INTERVAL_MS = 300;

type Sample = {
  /** Milliseconds since the observer started. */
  at: number;
  /** Names of the validators whose RPC answered. */
  answering: string[];
  /** The highest that any of them had. */
  height: number;
};

export type Observation = {
  samples: Sample[];
  /** The fewest validators that answered at any time. */
  fewestAnswering: number;
  /** The longest time without a new block, in seconds. */
  longestPause: number;
};

/** Starts to look at the validators of a network; `stop` says what was seen. */
export function observeChain(place: Place): { stop(): Promise<Observation> } {
  const start = Date.now();
  const samples: Sample[] = [];
  let stopped = false;
  const loop = (async () => {
    while (!stopped) {
      const sample = await takeSample(place).catch(() => undefined);
      if (sample !== undefined) samples.push({ ...sample, at: Date.now() - start });
      await sleep(INTERVAL_MS);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await loop;
      return {
        samples,
        fewestAnswering: Math.min(...samples.map(({ answering }) => answering.length)),
        longestPause: longestPauseOf(samples),
      };
    },
  };
}

async function takeSample(place: Place): Promise<Omit<Sample, 'at'>> {
  const validators = (await nodePods(place)).filter(
    (pod) => pod.metadata.labels?.['nodewright.dev/role'] === 'validator',
  );
  const heights = await Promise.all(validators.map((pod) => heightOf(pod).catch(() => undefined)));
  return {
    answering: validators.flatMap((pod, index) => (heights[index] === undefined ? [] : [pod.metadata.name])),
    height: Math.max(0, ...heights.map((height) => height ?? 0)),
  };
}

function longestPauseOf(samples: readonly Sample[]): number {
  let [height, since, longest] = [0, samples[0]?.at ?? 0, 0];
  for (const sample of samples) {
    if (sample.height > height) [height, since] = [sample.height, sample.at];
    longest = Math.max(longest, sample.at - since);
  }
  return longest / 1000;
}
