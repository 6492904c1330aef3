// Ends by itself after a while: `node brief.js MILLISECONDS`.
setTimeout(() => {}, Number(process.argv[2]));
console.error("ready");
