/**
 * What may come next on the command line. It answers as programs made with cobra do, which is what kubectl asks its plugins by: candidates,
 * a line each, with a description after a tab; then a colon and what the shell should do besides.
 */
import type { Command, Option } from 'commander';
import { KINDS } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import { connect } from '../kube/client.ts';
import { contextNames } from '../kube/credentials.ts';
import type { KubeObject } from '../kube/objects.ts';
import { NAMESPACES } from '../kube/resource-types.ts';
import type { AccessOptions } from './cluster-access.ts';
import { kindsNamed, nameOfKind, namesOfKind } from './kind-names.ts';

/** Whoever presses Tab does not wait for a cluster that does not answer. */
const TIMEOUT_MS = 2000;

/** Cobra's, of what is used here: complete names of files, put no space after it, neither. */
const FILES = 0;
const NO_SPACE = 2;
const NO_FILES = 4;

export type Candidates = {
  values: readonly (readonly [value: string, description?: string | undefined])[];
  directive: number;
};

/** Where names come from; all of them may fail. */
export type Lookups = {
  contexts(access: AccessOptions): Promise<string[]>;
  namespaces(access: AccessOptions): Promise<string[]>;
  names(kind: Kind, place: AccessOptions & { namespace?: string }): Promise<string[]>;
};

export async function runComplete(program: Command, words: string[]): Promise<number> {
  const { values, directive } = await complete(program, words, LOOKUPS);
  for (const [value, description] of values)
    process.stdout.write(description === undefined ? `${value}\n` : `${value}\t${description}\n`);
  process.stdout.write(`:${directive}\n`);
  return 0;
}

/** @param words after the name of the program; the last one is what is being typed, and may be empty */
export async function complete(program: Command, words: string[], lookups: Lookups): Promise<Candidates> {
  const current = words.at(-1) ?? '';
  const { command, positionals, given, awaiting } = parseSoFar(program, words.slice(0, -1));
  const startingWith = (prefix: string, { values, directive }: Candidates): Candidates => ({
    values: values.filter(([value]) => value.startsWith(prefix)),
    directive,
  });
  if (awaiting !== undefined) return startingWith(current, await valuesOf(awaiting, given, lookups));
  const assigned = /^(--[^=]+)=/.exec(current);
  if (assigned !== null) {
    const option = findOption(command, assigned[1] ?? '');
    if (option === undefined) return { values: [], directive: NO_FILES };
    const { values, directive } = await valuesOf(option, given, lookups);
    const whole = values.map(([value, description]): [string, string | undefined] => [
      `${assigned[0]}${value}`,
      description,
    ]);
    return startingWith(current, { values: whole, directive });
  }
  if (current.startsWith('-')) return startingWith(current, optionsOf(command));
  const subcommands = program === command || command.commands.length > 0 ? visibleCommands(command) : [];
  if (positionals.length === 0 && subcommands.length > 0)
    return startingWith(current, {
      values: subcommands.map((sub) => [sub.name(), sub.description()]),
      directive: NO_FILES,
    });
  const [argument] = command.registeredArguments;
  const choices = positionals.length === 0 ? (argument?.argChoices ?? []) : [];
  if (choices.length > 0)
    return startingWith(current, { values: choices.map((choice) => [choice]), directive: NO_FILES });
  if (argument?.name() !== 'resource') return { values: [], directive: NO_FILES };
  return startingWith(current, await resourcesFor(current, positionals, given, lookups));
}

type SoFar = {
  command: Command;
  positionals: string[];
  /** Values of options, by the attribute that they set. */
  given: Record<string, string>;
  /** The option whose value is being typed. */
  awaiting?: Option;
};

function parseSoFar(program: Command, words: readonly string[]): SoFar {
  const soFar: SoFar = { command: program, positionals: [], given: {} };
  for (const word of words) {
    if (soFar.awaiting !== undefined) {
      soFar.given[soFar.awaiting.attributeName()] = word;
      delete soFar.awaiting;
    } else if (word.startsWith('-') && word !== '-') {
      const [, name = word, value] = /^(--[^=]+)=(.*)$/.exec(word) ?? [];
      const option = findOption(soFar.command, name);
      if (option === undefined) continue;
      if (value !== undefined) soFar.given[option.attributeName()] = value;
      else if (option.required || option.optional) soFar.awaiting = option;
      else soFar.given[option.attributeName()] = 'true';
    } else {
      const sub =
        soFar.positionals.length === 0 ? soFar.command.commands.find((each) => each.name() === word) : undefined;
      if (sub === undefined) soFar.positionals.push(word);
      else soFar.command = sub;
    }
  }
  return soFar;
}

/** Of the command itself and of those that it belongs to. */
function allOptions(command: Command): Option[] {
  return [...command.options, ...(command.parent === null ? [] : allOptions(command.parent))].filter(
    ({ hidden }) => !hidden,
  );
}

function findOption(command: Command, flag: string): Option | undefined {
  return allOptions(command).find(({ short, long }) => flag === short || flag === long);
}

function optionsOf(command: Command): Candidates {
  const values = allOptions(command).map(({ long, short, description }): [string, string] => [
    long ?? short ?? '',
    description,
  ]);
  return { values: [...values, ['--help', 'print what can be said here']], directive: NO_FILES };
}

function visibleCommands(command: Command): Command[] {
  return command.createHelp().visibleCommands(command);
}

async function valuesOf(option: Option, given: Record<string, string>, lookups: Lookups): Promise<Candidates> {
  const listed = async (values: Promise<string[]>): Promise<Candidates> => ({
    values: (await values.catch(() => [])).map((value) => [value]),
    directive: NO_FILES,
  });
  if (option.argChoices !== undefined) return listed(Promise.resolve(option.argChoices));
  switch (option.long) {
    case '--context':
      return listed(lookups.contexts(given));
    case '--namespace':
    case '--namespaces':
    case '--operator-namespace':
      return listed(lookups.namespaces(given));
    default:
      return { values: [], directive: /<file>/.test(option.flags) ? FILES : NO_FILES };
  }
}

/** KIND/NAME, or NAME where a KIND stands already. */
async function resourcesFor(
  current: string,
  [first]: string[],
  given: Record<string, string>,
  lookups: Lookups,
): Promise<Candidates> {
  const names = (kinds: readonly Kind[]) =>
    Promise.all(
      kinds.map(async (kind) => ({ kind, names: await lookups.names(kind, given).catch(() => [] as string[]) })),
    );
  if (first !== undefined && !first.includes('/')) {
    const found = await names(kindsNamed(first) ?? []);
    return { values: found.flatMap((entry) => entry.names.map((name): [string] => [name])), directive: NO_FILES };
  }
  const [kindWord = '', rest] = current.split('/');
  if (rest === undefined && first === undefined) {
    const kinds = KINDS.filter((kind) => namesOfKind(kind).some((name) => name.startsWith(current)));
    const found = await names(kinds);
    const values = found.flatMap((entry) => {
      const name = nameOfKind(entry.kind);
      return [[name] as [string], ...entry.names.map((each): [string] => [`${name}/${each}`])];
    });
    return { values, directive: NO_FILES };
  }
  const found = await names(kindWord === '' ? KINDS : (kindsNamed(kindWord) ?? []));
  const prefix = (kind: Kind) => (rest === undefined ? nameOfKind(kind) : kindWord);
  const values = found.flatMap((entry) => entry.names.map((name): [string] => [`${prefix(entry.kind)}/${name}`]));
  return { values, directive: values.length === 0 ? NO_FILES | NO_SPACE : NO_FILES };
}

const LOOKUPS: Lookups = {
  contexts: async (access) => contextNames(access),
  async namespaces(access) {
    const { kube } = await connect({ ...access, timeoutMs: TIMEOUT_MS });
    return (await kube.list<KubeObject>(NAMESPACES)).map(({ metadata }) => metadata.name);
  },
  async names(kind, place) {
    const { kube, namespace } = await connect({ ...place, timeoutMs: TIMEOUT_MS });
    const resources = await kube.list<KubeObject>(kind.type, { namespace: place.namespace ?? namespace });
    return resources.map(({ metadata }) => metadata.name);
  },
};
