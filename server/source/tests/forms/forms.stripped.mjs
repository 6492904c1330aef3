// TypeScript as Node runs it: types become spaces, all other text keeps its place.
                              
function generic                  (value   )    { return value; }
keep('generic', generic);
const typed = (value        )         => value;
keep('typed', typed);
const wrapped = ((value         ) => value)                             ;
keep('wrapped', wrapped);
const checked = { handler: async (reply       ) => reply }                 ;
keep('checked.handler', checked.handler);
         class Base    {                                    held      = []; }
keep('class Base', Base);
class Store extends Base                                     {
           made =     (key   )    => key;
                            
  constructor(name         , private_         ) { super(); }
  size()         { return this.held.length; }
                           
  add(value         )       {}
  async *[Symbol.asyncIterator]()                         {}
  *[Symbol.iterator]()                    {}
}
keep('class Store', Store);
keep('Store.made', new Store('').made);
keep('Store.size', Store.prototype.size);
keep('Store.add', Store.prototype.add);
keep('Store.[Symbol.asyncIterator]', Store.prototype[Symbol.asyncIterator]);
const nonNull = (() => {}) ;
keep('nonNull', nonNull);
