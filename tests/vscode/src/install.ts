// Installs code-server ahead of the tests (they do it themselves otherwise), so that a CI can cache or time it apart.

import { installCodeServer } from "./code-server.ts";

console.log(await installCodeServer());
