import { type RouteConfig, route } from '@react-router/dev/routes';

export default [route('recipes/:id', 'routes/recipe.tsx')] satisfies RouteConfig;
