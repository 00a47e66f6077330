// Loaded before the first TypeScript file (`node -r`), so that with kept code not even what strips types is loaded: an eighth of a start.
"use strict";
const { homeFolder, takeCodeCache } = require("./code-cache.cjs");

takeCodeCache(homeFolder(process.env.MACJARVIS_HOME));
