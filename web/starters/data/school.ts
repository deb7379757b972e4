/** Pupils' questions with short answers, by subject. Written for this page. */
export interface Answered {
  subject: string;
  question: string;
  answer: string;
}

const of = (subject: string, pairs: readonly (readonly [string, string])[]): Answered[] =>
  pairs.map(([question, answer]) => ({ subject, question, answer }));

export const ANSWERS: readonly Answered[] = [
  ...of("maths", [
    ["How do I add fractions?", "Make the denominators equal, then add the numerators."],
    ["What is a prime number?", "A whole number over 1 that only 1 and itself divide."],
    ["How do I find the area of a circle?", "Multiply π by the radius, and by the radius again."],
    ["Why can't I divide by zero?", "No number times zero gives anything but zero."],
    ["What is the average?", "The sum of all values, divided by how many there are."],
    ["How do percentages work?", "A percent is a hundredth: 20 % of 50 is 0.2 times 50."],
  ]),
  ...of("science", [
    ["Why is the sky blue?", "Air scatters blue light more than red light."],
    ["What makes day and night?", "The Earth turns once a day; one half faces the Sun."],
    ["How do plants eat?", "They make sugar from light, water and carbon dioxide."],
    ["Why do things fall down?", "Gravity pulls masses together, and the Earth is large."],
    ["What is an atom?", "The smallest part of an element: a nucleus with electrons."],
    ["Why do we breathe?", "Cells need oxygen to turn food into energy."],
  ]),
  ...of("history", [
    ["Who built the pyramids?", "Workers in Egypt, about 4,500 years ago, as tombs for kings."],
    ["Why did the Roman Empire end?", "Wars, money troubles and divided rule weakened it over centuries."],
    ["When was printing with movable letters invented in Europe?", "About 1450, by Gutenberg in Mainz."],
    ["What was the Silk Road?", "Trade routes between China and the Mediterranean."],
    ["Why did people live in castles?", "Walls and towers protected them from attacks."],
    [
      "How did the industrial revolution begin?",
      "Steam engines and machines for cloth, in Britain after 1760.",
    ],
  ]),
  ...of("language", [
    ["What is an adjective?", "A word that describes a noun, such as “green”."],
    ["When do I use a comma?", "Between parts of a list, and to set off parts of a sentence."],
    ["What is a metaphor?", "A picture in words: “time is money”."],
    ["How do I begin an essay?", "Say what it is about, and why it matters, in a few sentences."],
    ["What is the difference between their and there?", "“Their” belongs to them; “there” is a place."],
    ["How do I write a summary?", "Give the main points in your own words, and leave out details."],
  ]),
];
