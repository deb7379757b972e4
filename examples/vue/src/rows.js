// Twelve rows to learn from.

const PRAISE = [
  "I love it",
  "works very well",
  "a great help",
  "so happy with this",
  "the best so far",
  "fast and friendly",
];
const COMPLAINT = [
  "it broke at once",
  "I want my money back",
  "a waste of time",
  "so slow and rude",
  "the worst so far",
  "never again",
];

export const labels = ["praise", "complaint"];
export const rows = [
  ...PRAISE.map((text) => ({ text, label: "praise" })),
  ...COMPLAINT.map((text) => ({ text, label: "complaint" })),
];
