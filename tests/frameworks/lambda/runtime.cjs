// Stands for the runtime: loads the bundle that it is told and serves it.
const http = require('node:http');
const { handler } = require(process.argv[2]);

const server = http.createServer(async (request, response) => {
  const answer = await handler({ rawPath: request.url });
  response.writeHead(answer.statusCode).end(answer.body);
});
server.listen(process.env.PORT);
