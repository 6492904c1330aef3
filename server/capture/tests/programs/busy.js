// Never returns to its event loop.
console.error("ready");
for (;;);
