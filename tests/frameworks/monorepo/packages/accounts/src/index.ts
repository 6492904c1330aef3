export { accountOf, type Account } from './accounts.js';
export { mayAsk } from './limiter.js';
