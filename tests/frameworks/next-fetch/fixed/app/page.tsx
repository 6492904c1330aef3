export const dynamic = 'force-dynamic';

async function dateOf(list: string): Promise<string | null> {
  const answer = await fetch(`http://127.0.0.1:${process.env.SERVICE}/${list}?${Math.random()}`);
  await answer.text();
  return answer.headers.get('date');
}

export default async function Home() {
  const dates = await Promise.all([dateOf('news'), dateOf('sport')]);
  return <main>{dates.join(', ')}</main>;
}
