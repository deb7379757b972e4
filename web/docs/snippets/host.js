addEventListener("message", ({ data, source }) => {
  if (data?.type !== "bertlet") return;
  const frame = [...document.querySelectorAll("iframe")].find((each) => each.contentWindow === source);
  if (frame && data.verb === "resized") frame.height = data.height;
  if (frame && data.verb === "completed") console.log(data.score);
});
