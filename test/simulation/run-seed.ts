/** One random story: a time of chaos, a time of mending, a time of rest. */
import { listMembers } from '../../src/kinds/tendermint-network/members.ts';
import type { TendermintNetwork } from '../../src/kinds/tendermint-network/schema.ts';
import type { KubeObject, Pod, Service } from '../../src/kube/objects.ts';
import { CONFIG_MAPS, POD_DISRUPTION_BUDGETS, PODS, SERVICES } from '../../src/kube/resource-types.ts';
import { Healer } from './healer.ts';
import { isReady, User } from './user.ts';
import { World } from './world.ts';

const CHAOS_SECONDS = 420;
const MENDING_SECONDS = 1800;
const REST_SECONDS = 240;

export async function runSeed(seed: number): Promise<World> {
  const world = new World({ seed, faults: 0.02, killEvery: seed % 3 === 0 ? 12 : 60 });
  const user = new User(world);
  const healer = new Healer(world, user);
  user.createRandom('alpha', 'net');
  world.startOperator();
  await chaos(world, user);
  if (world.violations.length === 0) await mend(world, user, healer);
  if (world.violations.length === 0) await rest(world, user);
  world.stop();
  return world;
}

async function chaos(world: World, user: User): Promise<void> {
  const { random } = world;
  let next = random.between(5, 40);
  await world.run(CHAOS_SECONDS, () => {
    machineTrouble(world);
    if (world.seconds < next) return false;
    next = world.seconds + (random.chance(0.4) ? random.between(1, 5) : random.between(10, 60));
    user.act();
    return false;
  });
}

function machineTrouble({ random, api, machines, clock }: World): void {
  for (const machine of machines.machines) {
    if (machine.state === 'up' && random.chance(0.0008)) machines.lose(machine, random.chance(0.5));
    else if (machine.state === 'lost' && random.chance(0.01)) {
      if (random.chance(0.5)) machines.comeBack(machine);
      else if (clock.now() - machine.since > 60_000) machines.deleteNode(machine);
    }
  }
  const pods = api.list<Pod>(PODS).filter(isReady);
  if (pods.length > 0 && random.chance(0.006)) machines.crash(random.pick(pods).metadata.uid as string);
  if (pods.length > 0 && random.chance(0.002)) machines.evict(random.pick(pods));
}

async function mend(world: World, user: User, healer: Healer): Promise<void> {
  world.say('--- chaos ends');
  world.faults = 0;
  world.killEvery = 0;
  world.startOperator({ agentImage: 'agent:v2' });
  for (const machine of world.machines.machines) if (machine.state !== 'up') world.machines.deleteNode(machine);
  let healed = 0;
  let wellSince: number | undefined;
  const well = await world.run(MENDING_SECONDS, () => {
    if (world.seconds - healed > 7) {
      healed = world.seconds;
      healer.heal();
    }
    wellSince = user.networks().every((network) => findFaults(world, network).length === 0)
      ? (wellSince ?? world.seconds)
      : undefined;
    return wellSince !== undefined && world.seconds - wellSince > 90;
  });
  if (well || world.violations.length > 0) return;
  for (const network of user.networks()) {
    world.violations.push(`not well after ${MENDING_SECONDS} s: ${findFaults(world, network).join('; ')}`);
  }
}

/** A network in peace costs one status write a minute, and its status is never older than that. */
async function rest(world: World, user: User): Promise<void> {
  world.say('--- rest');
  world.writes = [];
  await world.run(REST_SECONDS);
  const others = world.writes.filter(({ status }) => !status);
  if (others.length > 0) world.violations.push(`writes at rest: ${others.map(({ what }) => what).join(', ')}`);
  const networks = user.networks();
  const statusWrites = world.writes.length - others.length;
  if (statusWrites > networks.length * (REST_SECONDS / 60 + 1))
    world.violations.push(`${statusWrites} status writes at rest`);
  for (const { metadata, status } of networks) {
    const age = world.clock.now() - Date.parse(status?.heightTime ?? '');
    if (!(age < 65_000))
      world.violations.push(`the status of ${metadata.namespace}/${metadata.name} is ${age / 1000} s old`);
  }
}

/** What a network lacks, by the truth of the model and not by its status. */
function findFaults(world: World, network: TendermintNetwork): string[] {
  const { api, chains } = world;
  const { namespace, name } = network.metadata;
  if (network.metadata.deletionTimestamp !== undefined) return [`${name} is still being deleted`];
  const faults: string[] = [];
  const members = listMembers(network);
  const at = (object: string) => ({ namespace, name: object });
  for (const { objectName, role } of members) {
    const pod = api.get<Pod>(PODS, at(objectName));
    const process = chains.processes.get(pod?.metadata.uid ?? '');
    if (pod === undefined || process?.running !== true) faults.push(`${objectName} does not run`);
    else if (process.volume.height < process.chain.height - 2) faults.push(`${objectName} is behind`);
    else if (pod.spec?.containers[0]?.image !== network.spec.image) faults.push(`${objectName} has an old image`);
    else if (role === 'validator' && !process.chain.validators.has(process.validator?.address ?? ''))
      faults.push(`${objectName} has no power`);
    const service = api.get<Service>(SERVICES, at(objectName));
    if (service === undefined) faults.push(`${objectName} has no Service`);
    else if ('extra' in (service.spec?.selector ?? {})) faults.push(`Service ${objectName} selects something else`);
    if (api.get(CONFIG_MAPS, at(objectName)) === undefined) faults.push(`${objectName} has no ConfigMap`);
  }
  for (const object of [`${name}-rpc`])
    if (api.get(SERVICES, at(object)) === undefined) faults.push(`no Service ${object}`);
  if (api.get(CONFIG_MAPS, at(`${name}-genesis`)) === undefined) faults.push('no genesis');
  if (api.get(POD_DISRUPTION_BUDGETS, at(name)) === undefined) faults.push('no PodDisruptionBudget');
  const ours = new Set(members.map(({ objectName }) => objectName));
  const strays = api.list<KubeObject>(PODS, namespace).filter(({ metadata }) => !ours.has(metadata.name));
  if (strays.length > 0) faults.push(`stray pods ${strays.map(({ metadata }) => metadata.name).join(', ')}`);
  const ready = network.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') faults.push(`Ready is ${ready?.status}: ${ready?.message}`);
  const progressing = network.status?.conditions?.find(({ type }) => type === 'Progressing');
  if (progressing?.reason !== 'UpToDate') faults.push(`Progressing: ${progressing?.message}`);
  return faults;
}
