/** The page, and what it asks for. There is nothing here that changes anything. */
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import type { ResourceId } from '../wire.ts';
import type { Access } from './access.ts';
import type { Feed } from './feed.ts';
import type { Fleet } from './fleet.ts';
import type { PageFiles } from './page-files.ts';
import { type StreamOptions, streamFeed } from './stream.ts';

export type DashboardOptions = {
  fleet: Pick<Fleet, 'plan' | 'events'>;
  feed: Feed;
  access: Access;
  files: PageFiles;
  stream?: Pick<StreamOptions, 'maxWaiting' | 'heartbeatMs'>;
};

type Env = { Bindings: HttpBindings };

/** Browsers that watch at a time; each costs a connection and a moment every two seconds. */
const MAX_STREAMS = 32;
/** Plans and lists of events that are made at a time: each reads as much as a reconcile. */
const MAX_QUESTIONS = 4;

/** Everything comes from here, and nobody else may show it in a frame. */
const HEADERS = {
  'content-security-policy': [
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'",
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const REFUSALS = {
  host: [
    403,
    'without a token the dashboard answers only to localhost; start the operator with --dashboard-token-file',
  ],
  token: [401, 'the dashboard wants its token'],
} as const;

export function dashboardRoutes({ fleet, feed, access, files, stream = {} }: DashboardOptions): Hono<Env> {
  const app = new Hono<Env>();
  let streams = 0;
  let questions = 0;

  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
  });
  app.onError((error, context) => context.json({ error: error.message }, 500));

  app.post('/api/login', async (context) => {
    if (context.req.header('sec-fetch-site') === 'cross-site') return context.json({ error: 'from elsewhere' }, 403);
    const { token } = (await context.req.json().catch(() => ({}))) as { token?: unknown };
    const isEncrypted = context.req.header('x-forwarded-proto') === 'https';
    const cookie = typeof token === 'string' ? await access.exchange(token, isEncrypted) : undefined;
    if (cookie === undefined) return context.json({ error: 'this is not the token' }, 401);
    return context.json({}, 200, { 'set-cookie': cookie });
  });
  app.post('/api/logout', (context) => context.json({}, 200, { 'set-cookie': access.forget() }));

  app.use('/api/*', async (context, next) => {
    const refusal = await access.refusal(context.req.raw.headers);
    if (refusal === undefined) return next();
    const [status, error] = REFUSALS[refusal];
    return context.json({ error }, status);
  });
  // What tells the page why its stream was refused: EventSource does not.
  app.get('/api/access', (context) => context.json({ token: access.asksToken }));
  app.get('/api/stream', (context) => {
    if (streams >= MAX_STREAMS) return context.json({ error: `${MAX_STREAMS} others are watching already` }, 503);
    const { outgoing } = context.env;
    const { headers } = context.req.raw;
    streams++;
    outgoing.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    streamFeed(outgoing as Parameters<typeof streamFeed>[0], feed, {
      ...stream,
      mayGoOn: async () => (await access.refusal(headers)) === undefined,
      onEnd: () => {
        streams--;
      },
    });
    return RESPONSE_ALREADY_SENT;
  });
  app.get('/api/plan', (context) => answer(context, (id) => fleet.plan(id)));
  app.get('/api/events', (context) => answer(context, (id) => fleet.events(id)));

  async function answer(context: Context<Env>, ask: (id: ResourceId) => Promise<object | undefined>) {
    const { apiVersion = '', kind = '', namespace = '', name = '' } = context.req.query();
    if (questions >= MAX_QUESTIONS) return context.json({ error: 'others are asking; try again in a moment' }, 503);
    questions++;
    try {
      const found = await ask({ apiVersion, kind, namespace, name });
      const error = `there is no ${kind} ${namespace}/${name}`;
      return found === undefined ? context.json({ error }, 404) : noStore(context.json(found));
    } finally {
      questions--;
    }
  }

  app.get('/*', async (context) => {
    const file = await files.read(context.req.path);
    if (file === undefined) return context.json({ error: 'there is no such page' }, 404);
    return context.body(file.body, 200, { 'content-type': file.type, 'cache-control': 'no-cache' });
  });
  return app;
}

function noStore(response: Response): Response {
  response.headers.set('cache-control', 'no-store');
  return response;
}
