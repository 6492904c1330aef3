export const dynamic = 'force-dynamic';

export async function GET(request: Request) {
  const id = new URL(request.url).searchParams.get('id');
  const answer = await fetch(`http://127.0.0.1:${process.env.SERVICE}/health/${id}`); // heapmark: open-handles grows
  return Response.json({ isUp: answer.ok });
}
