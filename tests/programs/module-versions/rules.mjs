// Rules that may be edited while the program runs. // heapmark: module-reload leaked first alone
class Rule {
  constructor(most) {
    this.most = most;
  }

  applies(amount) {
    return amount < this.most;
  }
}

export const rules = Array.from({ length: 100 }, (_, i) => new Rule(i * 10));
