export interface Account {
  id: string;
  plan: 'free' | 'paid';
  rights: Map<string, boolean>;
}

export async function accountOf(id: string): Promise<Account> {
  const rights = new Map([
    ['read', true],
    ['write', id.length > 2],
  ]);
  return { id, plan: Number(id) % 2 ? 'free' : 'paid', rights };
}
