// Where `ts-node` is hooked in: it changes what `require` does, but not what `import` does.
module.exports = require('./src/main.ts');
