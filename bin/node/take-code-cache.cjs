// The same as bin/start/take-code-cache.cjs for the program of a Mac: without what strips types it takes 30 MB less.
"use strict";
const { homeFolder, takeCodeCache } = require("../start/code-cache.cjs");

takeCodeCache(homeFolder(process.env.MACJARVIS_NODE_HOME, ".macjarvis-node"));
