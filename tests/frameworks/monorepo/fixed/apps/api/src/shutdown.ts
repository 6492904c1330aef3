class Job {
  state: 'works' | 'stops' = 'works';

  constructor(readonly account: string) {}
}

const shutdown = new AbortController();

export function jobUntilShutdown(account: string): Job {
  const job = new Job(account);
  const stop = () => {
    job.state = 'stops';
  };
  shutdown.signal.addEventListener('abort', stop);
  setTimeout(() => shutdown.signal.removeEventListener('abort', stop), 20);
  return job;
}
