// The library and the studio in WebKitGTK, which has Safari's engine.

import { otherBrowserSuite } from "../../support/other-browser-suite.ts";
import { openWebkit } from "../../support/other-browsers.ts";

// Its wasm now and then ends a longer run with "Out of bounds memory access", or stops answering: not understood yet.
// What a worker's own worker imports passes by the service worker there, so one thread does the work.
otherBrowserSuite("WebKitGTK", openWebkit, { threadsOffline: false, httpCache: false, longRuns: false });
