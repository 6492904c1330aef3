interface Recipe {
  title: string;
  steps: string;
}

async function load(id: string): Promise<Recipe> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  return { title: `Recipe ${id}`, steps: `stir pot ${id}, `.repeat(60) };
}

class Recipes {
  #underWay = new Map<string, Promise<Recipe>>();

  get(id: string): Promise<Recipe> {
    let recipe = this.#underWay.get(id);
    if (!recipe) {
      recipe = load(id).finally(() => this.#underWay.delete(id));
      this.#underWay.set(id, recipe);
    }
    return recipe;
  }
}

export const recipes = new Recipes();
