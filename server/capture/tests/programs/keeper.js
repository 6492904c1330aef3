// Keeps two objects by name, drops one, and lets another go only after a finalizer has run.
class KeptForGood { constructor() { this.payload = { kept: true }; } }
class LetGo { constructor() { this.payload = { garbage: true }; } }
class HeldUntilFinalized { constructor() { this.payload = { late: true }; } }

globalThis.kept = new KeptForGood();

// Reachable until the callback of the registry runs, which needs a first collection.
const late = new Map([["late", new HeldUntilFinalized()]]);
const registry = new FinalizationRegistry((key) => late.delete(key));
(() => {
  registry.register({}, "late");
  globalThis.weak = new WeakRef(new LetGo());
  let chain = null;
  for (let i = 0; i < 1000; i++) chain = { chain, garbage: new LetGo() };
})();
globalThis.late = late;

// Fills the heap on demand: `node keeper.js 200000`.
globalThis.ballast = Array.from({ length: Number(process.argv[2] ?? 0) }, (_, i) => ({ text: `text ${i}`, i }));

// Ends in order when it is told to.
process.on("SIGTERM", () => process.exit(0));

setInterval(() => {}, 1000);
console.error("ready");
