// What only modules have.
export default function () {}
import self from './forms.mjs';
keep('default export', self);
export const exported = async () => {};
keep('exported', exported);
export class Shown { static make = () => new Shown(); }
keep('class Shown', Shown);
keep('Shown.make', Shown.make);
/*   a line separator   and another   ends a line for V8 only */ const behind = () => {};
keep('behind', behind);
const { a: { b: renamed = (x) => x } = {} } = {};
keep('renamed', renamed);
