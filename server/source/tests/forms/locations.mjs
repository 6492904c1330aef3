// Runs the program named by the first argument, which hands every form of function and class to
// `keep(expected, value)`, and prints where V8 says each of them is.
import { Session } from 'node:inspector/promises';
import { pathToFileURL } from 'node:url';

const kept = [];
globalThis.keep = (expected, value) => kept.push({ expected, value });
await import(pathToFileURL(process.argv[2]));

const session = new Session();
session.connect();
globalThis.kept = kept;
const found = [];
for (let index = 0; index < kept.length; index++) {
  const { result } = await session.post('Runtime.evaluate', { expression: `kept[${index}].value` });
  const { internalProperties } = await session.post('Runtime.getProperties', { objectId: result.objectId });
  const location = internalProperties.find(({ name }) => name === '[[FunctionLocation]]').value.value;
  found.push({ expected: kept[index].expected, line: location.lineNumber, column: location.columnNumber });
}
console.log(JSON.stringify(found));
