// The service that the application asks: 64 kB for each request.
const http = require('node:http');

const body = JSON.stringify({ text: 'word '.repeat(13_000) });
http.createServer((_request, response) => response.end(body)).listen(process.env.SERVICE);
