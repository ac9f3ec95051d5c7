/** `nodewright demo`: from nothing to a network that makes blocks, shown as it happens. */

import { describeInquiry, describeNextSteps, describeRemoval } from './demo-ending.ts';
import { applyNetwork, readExample, watchNetwork } from './demo-network.ts';
import { installOperator } from './demo-operator.ts';
import { expectNothingForeign, openContext, type Place, prepareOwnCluster } from './demo-place.ts';
import { removeDemo } from './demo-removal.ts';
import { createScreen, type Screen } from './demo-screen.ts';
import { TimeIsUpError, type Waiting } from './demo-wait.ts';
import type { KnownResource } from './resource-files.ts';
import { OWN_IMAGE } from './version.ts';

export type DemoOptions = {
  /** A context of the user's kubeconfig, instead of a cluster made for the purpose. */
  context?: string;
  /** End once every node is at this height. Default: after a few blocks. */
  height?: number;
  /** Seconds, from when the cluster is ready. */
  timeout: number;
  /** Remove everything at the end. */
  down?: boolean;
};

/** Returns 0 when the height was reached, 1 when the time was up before. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const screen = createScreen(process.stdout);
  const end = endOnSignals(screen, options.context);
  const { findProjectRoot } = await import('../../cluster/folders.ts');
  const root = findProjectRoot();
  const example = await readExample(root);
  const place = await openPlace(options.context, example.image, screen);
  await expectNothingForeign(place, options.down === true);
  end.place = place;
  const waiting: Waiting = { screen, deadline: Date.now() + options.timeout * 1000 };
  const code = await runNetwork(place, example, options, waiting).catch((error: unknown) => {
    if (!(error instanceof TimeIsUpError)) throw error;
    screen.say(`\nThe time is up: after ${options.timeout} s the demo was ${error.message}.`);
    return 1;
  });
  if (options.down) await removeDemo(place, screen);
  else if (code !== 0)
    screen.say(`Everything is left as it is.\n${describeInquiry(place, example.object.metadata.name)}`);
  end.forget();
  return code;
}

async function openPlace(context: string | undefined, image: string, screen: Screen): Promise<Place> {
  if (context === undefined) {
    screen.say('The demo works in a Kubernetes cluster of its own on this machine, which it makes now.');
    return prepareOwnCluster(screen);
  }
  const place = await openContext(context);
  screen.say(
    `The demo works in context ${context}, at ${place.connection.server}. Images that its machines need to have or to pull: ${OWN_IMAGE}, ${image}.`,
  );
  return place;
}

async function runNetwork(
  place: Place,
  example: KnownResource,
  options: DemoOptions,
  waiting: Waiting,
): Promise<number> {
  const { screen } = waiting;
  screen.show('installing the operator');
  await installOperator(place, waiting);
  screen.show('the operator is ready');
  const network = await applyNetwork(place, example);
  const began = network.appliedAt === undefined ? 'was there already' : 'is applied';
  screen.show(`the network ${began}`);
  const height = await watchNetwork(place, network, options.height, waiting);
  screen.say(`\nBlocks flow: every node has reached height ${height}.`);
  if (!options.down) screen.say(describeNextSteps(place, network.name));
  return 0;
}

/** Ctrl-C: say what is left, and go. */
function endOnSignals(screen: Screen, context: string | undefined): { place?: Place; forget(): void } {
  const state: { place?: Place; forget(): void } = {
    forget: () => {
      process.off('SIGINT', end);
      process.off('SIGTERM', end);
    },
  };
  const end = (signal: NodeJS.Signals) => {
    screen.settle();
    const removal = describeRemoval({
      own: context === undefined,
      flags: context === undefined ? '' : ` --context ${context}`,
    });
    const left =
      state.place !== undefined
        ? 'What runs goes on running'
        : context === undefined
          ? 'The cluster may be there in part'
          : undefined;
    screen.say(left === undefined ? '\nEnded before anything was done.' : `\nEnded. ${left}; to remove it: ${removal}`);
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  return state;
}
