export interface Account {
  id: string;
  plan: 'free' | 'paid';
  rights: Map<string, boolean>;
}

const accounts = new Map<string, Account>(); // heapmark: growing-collection holder

export async function accountOf(id: string): Promise<Account> {
  const present = accounts.get(id);
  if (present) return present;
  const rights = new Map([
    ['read', true],
    ['write', id.length > 2],
  ]);
  const account: Account = { id, plan: Number(id) % 2 ? 'free' : 'paid', rights };
  accounts.set(id, account);
  return account;
}
