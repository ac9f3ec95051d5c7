/** Posts notices to webhooks, behind the reconciler's back: sending never waits and never throws. */
import type { CallOutside } from '../rpc/outside.ts';
import { type Delivery, type Notice, renderNotice, type WebhookFormat } from './alerts.ts';

const TIMEOUT_MS = 5000;
const RETRY_MS = 60_000;
/** Deliveries are looked up in the passes that follow; then the status has them. */
const KEPT = 2000;

type Resource = { uid: string; namespace: string; name: string };
type Webhook = { url: string; format: WebhookFormat };

export class AlertSender {
  readonly #call: CallOutside;
  readonly #now: () => number;
  /** By uid and id of the notice; undefined while it is being sent. */
  readonly #tries = new Map<string, { startedAt: number; outcome: Delivery | undefined }>();
  #running: Promise<unknown> = Promise.resolve();

  /** @param now milliseconds since 1970 */
  constructor(call: CallOutside, now: () => number) {
    this.#call = call;
    this.#now = now;
  }

  /** Those that are on their way or have arrived are not sent again, those that failed not within a minute. */
  send(resource: Resource, webhook: Webhook, notices: readonly Notice[]): void {
    const now = this.#now();
    for (const notice of notices) {
      const key = `${resource.uid} ${notice.id}`;
      const last = this.#tries.get(key);
      if (last !== undefined && !(last.outcome && 'error' in last.outcome && now - last.startedAt >= RETRY_MS))
        continue;
      const attempt = { startedAt: now, outcome: undefined as Delivery | undefined };
      this.#remember(key, attempt);
      const sent = this.#post(resource, webhook, notice).then((outcome) => {
        attempt.outcome = outcome;
      });
      this.#running = Promise.all([this.#running, sent]);
    }
  }

  /** What became of this resource's notices, by their ids. */
  deliveries({ uid }: Pick<Resource, 'uid'>): ReadonlyMap<string, Delivery> {
    const prefix = `${uid} `;
    return new Map(
      [...this.#tries].flatMap(([key, { outcome }]) =>
        outcome !== undefined && key.startsWith(prefix) ? [[key.slice(prefix.length), outcome] as const] : [],
      ),
    );
  }

  /** Resolves when nothing is on its way. */
  async settle(): Promise<void> {
    await this.#running;
  }

  async #post({ namespace, name }: Resource, { url, format }: Webhook, notice: Notice): Promise<Delivery> {
    try {
      const json = renderNotice(notice, { namespace, name }, format);
      const { status } = await this.#call(url, { method: 'POST', json, timeoutMs: TIMEOUT_MS });
      if (status >= 200 && status < 300) return { at: new Date(this.#now()) };
      return { error: `${new URL(url).host} answered with HTTP ${status}` };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  #remember(key: string, attempt: { startedAt: number; outcome: Delivery | undefined }): void {
    this.#tries.delete(key);
    this.#tries.set(key, attempt);
    const [oldest] = this.#tries.keys();
    if (this.#tries.size > KEPT && oldest !== undefined) this.#tries.delete(oldest);
  }
}
