// Takes the code that an earlier start has kept compiled in the data folder. What lies there is run, so it is taken only from where
// nobody else can write: the folder is ours alone, and kept from every tool and command like all that is in it (mac-node/sandbox,
// docs/sandbox.md). Plain JavaScript, because it is used before any TypeScript can be loaded (take-code-cache.cjs).
"use strict";
const { lstatSync } = require("node:fs");
const module_ = require("node:module");
const { homedir } = require("node:os");
const { join, resolve } = require("node:path");

/** The data folder of the server, or of the program of a Mac, as lib/home-folder.ts finds it, which is TypeScript. */
function homeFolder(text, usual = ".macjarvis") {
  return text ? resolve(text.replace(/^~(?=$|\/)/, homedir())) : join(homedir(), usual);
}

/** Safe to repeat. Without a folder that can be used everything works, and starts a little later. */
function takeCodeCache(home) {
  try {
    const folder = join(home, "code-cache");
    if (isOursAlone(home) && isOursAlone(folder)) module_.enableCompileCache(folder);
  } catch {
    // It is not there yet: compile-cache.ts makes it.
  }
}

/** A folder, and no link to one, that belongs to who we are and is closed to all others. */
function isOursAlone(path) {
  const found = lstatSync(path);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
}

module.exports = { homeFolder, takeCodeCache };
