import Fastify from 'fastify';
import { accountOf, mayAsk } from '@monorepo/accounts';
import { jobUntilShutdown } from './shutdown.js';

const app = Fastify();

app.get<{ Params: { id: string } }>('/accounts/:id', async ({ params: { id } }, reply) => {
  if (!mayAsk(id)) return reply.code(429).send();
  const account = await accountOf(id);
  return { plan: account.plan, rights: account.rights.size, job: jobUntilShutdown(id).state };
});

await app.listen({ port: Number(process.env.PORT) });
