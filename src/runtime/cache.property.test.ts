import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubeObject } from '../kube/objects.ts';
import { PODS } from '../kube/resource-types.ts';
import { Cache } from './cache.ts';

type ServerEvent = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubeObject };

/** An API server with a history, a watch that lags behind it, and answers to our writes that arrive when they like. */
class World {
  readonly cache = new Cache(PODS);
  readonly objects = new Map<string, KubeObject>();
  readonly history: ServerEvent[] = [];
  readonly answers: (() => void)[] = [];
  /** What we know because an answer told us: the version of an object, or that it is gone. */
  readonly known = new Map<string, number | 'gone'>();
  watched = 0;
  list: { finish: (items: KubeObject[], version: string) => void; snapshot?: KubeObject[]; at: number } | undefined;
  version = 0;

  write(name: string, answered: boolean): void {
    const before = this.objects.get(name);
    const uid = before?.metadata.uid ?? `${name}-${this.version}`;
    const object = this.#object(name, uid);
    this.objects.set(name, object);
    this.history.push({ type: before ? 'MODIFIED' : 'ADDED', object });
    if (answered) this.answers.push(() => this.#learn(uid, object));
  }

  delete(name: string, answered: boolean): void {
    const before = this.objects.get(name);
    if (!before) return;
    const uid = before.metadata.uid ?? '';
    this.objects.delete(name);
    this.history.push({ type: 'DELETED', object: this.#object(name, uid) });
    if (!answered) return;
    this.answers.push(() => {
      this.known.set(uid, 'gone');
      this.cache.recordDelete({ namespace: 'default', name }, uid);
    });
  }

  answer(which: number): void {
    this.answers.splice(which % Math.max(1, this.answers.length), 1)[0]?.();
  }

  deliver(): void {
    const event = this.list ? undefined : this.history[this.watched];
    if (!event) return;
    this.watched++;
    this.cache.applyEvent(event.type, event.object);
  }

  /** A list in three steps, between which anything may happen but events: the old watch has ended. */
  stepList(): void {
    if (!this.list) {
      this.list = { finish: this.cache.beginReplace(), at: 0 };
    } else if (!this.list.snapshot) {
      this.list.snapshot = [...this.objects.values()];
      this.list.at = this.history.length;
    } else {
      this.list.finish(this.list.snapshot, String(this.list.at));
      this.watched = this.list.at;
      this.list = undefined;
    }
  }

  /** What an answer told us is never unlearned. */
  check(): void {
    for (const { metadata } of this.cache.list()) {
      const known = this.known.get(metadata.uid ?? '');
      expect(known).not.toBe('gone');
      if (typeof known === 'number') expect(Number(metadata.resourceVersion)).toBeGreaterThanOrEqual(known);
    }
  }

  settle(): void {
    while (this.list) this.stepList();
    while (this.answers.length > 0) this.answer(0);
    while (this.watched < this.history.length) this.deliver();
  }

  #learn(uid: string, object: KubeObject): void {
    if (this.known.get(uid) !== 'gone') {
      this.known.set(uid, Math.max(Number(this.known.get(uid) ?? 0), Number(object.metadata.resourceVersion)));
    }
    this.cache.recordWrite(object);
  }

  #object(name: string, uid: string): KubeObject {
    const resourceVersion = String(++this.version);
    return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name, uid, resourceVersion } };
  }
}

test('whatever comes in whatever order: our writes stay visible, and in the end the cache equals the server', () => {
  const step = fc.record({
    do: fc.constantFrom('write', 'delete', 'answer', 'deliver', 'deliver', 'list'),
    name: fc.constantFrom('a', 'b'),
    ours: fc.boolean(),
    which: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const world = new World();
      for (const { do: what, name, ours, which } of steps) {
        if (what === 'write') world.write(name, ours);
        if (what === 'delete') world.delete(name, ours);
        if (what === 'answer') world.answer(which);
        if (what === 'deliver') world.deliver();
        if (what === 'list') world.stepList();
        world.check();
      }
      world.settle();
      world.check();
      const byName = (objects: Iterable<KubeObject>) =>
        [...objects].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
      expect(byName(world.cache.list())).toEqual(byName(world.objects.values()));
    }),
    { numRuns: 3000 },
  );
});
