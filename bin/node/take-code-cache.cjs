// Loaded before the first TypeScript file (`node -r`), as for the server (bin/start/take-code-cache.cjs): with kept code a Mac's
// program needs nothing that strips types, which is 18 MB.
"use strict";
const { homeFolder, takeCodeCache } = require("../start/code-cache.cjs");

takeCodeCache(homeFolder(process.env.MACJARVIS_NODE_HOME, ".macjarvis-node"));
