// The benchmark's folder in the cache outside the clone, which xtask finds in the same way.

import { homedir } from "node:os";
import { join } from "node:path";

const { BERTLET_CACHE, XDG_CACHE_HOME } = process.env;
const USERS = XDG_CACHE_HOME ? join(XDG_CACHE_HOME, "bertlet") : join(homedir(), ".cache/bertlet");
export const CACHE = join(BERTLET_CACHE || USERS, "bench");
