"use client";

import { Classifier } from "bertlet";
import { useRef, useState } from "react";
import { labels, rows } from "./rows.js";

export default function Page() {
  const classifier = useRef(null);
  const [state, setState] = useState("12 rows are ready.");
  const [taught, setTaught] = useState(false);
  const [label, setLabel] = useState("");

  async function teach() {
    try {
      classifier.current ??= await Classifier.load("/model/", { labels });
      for await (const event of classifier.current.finetune({ train: rows }, { epochs: 2 })) {
        if (event.type !== "epoch") continue;
        const { threads } = classifier.current.info;
        setState(`Epoch ${event.epoch}: loss ${event.trainLoss.toFixed(3)}, threads: ${threads}`);
      }
      setTaught(true);
    } catch (error) {
      setState(`${error.message}. ${error.hint ?? ""}`);
    }
  }

  const classify = async ({ target }) => setLabel((await classifier.current.classify(target.value)).label);

  return (
    <main>
      <h1>Praise or complaint</h1>
      <p>
        <button onClick={teach}>Teach</button> <span role="status">{state}</span>
      </p>
      <p>
        <label>
          A message <input disabled={!taught} onChange={classify} />
        </label>{" "}
        <output>{label}</output>
      </p>
    </main>
  );
}
