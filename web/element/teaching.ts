/**
 * What a tag needs to be taught, in a file of its own, which is fetched by the modes "teach" and "both" alone.
 */
export { keptName } from "./kept-name.ts";
export { Training } from "./training.ts";
export { teachView } from "./views/teach.ts";

// What is taught can be saved where there is no network any more.
void import("./zip.ts").catch(() => {});
