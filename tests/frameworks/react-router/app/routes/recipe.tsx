import { difficulty } from '../kitchen/difficulty.server';
import { recipes } from '../kitchen/recipes.server';
import { visit } from '../kitchen/visits.server';
import type { Route } from './+types/recipe';

export async function loader({ params, request }: Route.LoaderArgs) {
  const recipe = await recipes.get(params.id);
  return { ...recipe, visits: visit(params.id, request.url), difficulty: difficulty(params.id) };
}

export default function Recipe({ loaderData }: Route.ComponentProps) {
  return (
    <main>
      <h1>{loaderData.title}</h1>
      <p>{loaderData.steps}</p>
      <p>
        {loaderData.difficulty}, {loaderData.visits} visits
      </p>
    </main>
  );
}
