/**
 * The page's texts in English, and the type that every other language's texts must have.
 * Texts with numbers or names in them are functions. Nothing here is markup.
 */
import { count, duration, many, percent, size } from "./en/amounts.ts";
import { autoReason } from "./en/device-reasons.ts";
import { compare, evaluation } from "./en/evaluation.ts";
import { failures } from "./en/failures.ts";
import { findings } from "./en/findings.ts";
import { adapters, fillMask, pretrain } from "./en/masked-lm.ts";
import { recipe, tuning } from "./en/recipe.ts";
import { rowKinds } from "./en/row-kinds.ts";

export const en = {
  htmlLang: "en",
  frame: {
    skip: "Skip to the content",
    tagline: "Teach a text classifier, right in this page",
    privacy: "Everything is computed in this page. Your texts and your model never leave this computer.",
    language: "Language",
    theme: "Colours",
    themes: { system: "Auto", light: "Light", dark: "Dark" },
    steps: "Steps",
    stepOf: (n: number, of: number) => `Step ${n} of ${of}`,
    next: (name: string) => `Next: ${name}`,
    goTo: (name: string) => `Go to: ${name}`,
  },
  steps: {
    load: {
      name: "Model",
      title: "Choose a model",
      lead: "Start from a model that has already read a lot of text. Your examples then teach it one task.",
    },
    data: {
      name: "Data",
      title: "Bring your examples",
      lead: "A classifier learns from texts that already carry the right label.",
    },
    train: {
      name: "Train",
      title: "Train",
      lead: "The model reads your examples a few times and adjusts itself a little after each handful.",
    },
    judge: {
      name: "Judge",
      title: "How good is it?",
      lead: "Measured on texts that it never saw while training.",
    },
    use: { name: "Use", title: "Try it", lead: "Type a text, or have a whole file labelled." },
    keep: {
      name: "Keep",
      title: "Keep the model",
      lead: "Download it as ordinary Hugging Face files that other tools can open.",
    },
  },
  rail: {
    loading: "loading…",
    data: (rows: number, labels: number) =>
      `${count(rows, "row", "rows")}, ${count(labels, "label", "labels")}`,
    training: (share: number) => `${Math.round(share * 100)} %`,
    trained: (steps: number) => count(steps, "step", "steps"),
    accuracy: (value: number) => `${percent(value)} right`,
    kept: "saved",
  },
  roles: { train: "Train", dev: "Dev", test: "Test" },
  poolings: { cls: "First token ([CLS])", mean: "Mean of all tokens", max: "Maximum over all tokens" },
  notice: { error: "Must fix", warning: "Look at this", note: "Note", show: "Show where" },
  failure: { title: "That did not work", hint: "What to do:", code: "Code:" },
  failures,
  findings,
  load: {
    none: "Load a model in step 1 first.",
    confirm: "A training run is under way. Load another model and lose it?",
    defaultTitle: "The model of this page",
    defaultText: "A small, quick model that comes with the page. The right choice if you have none in mind.",
    defaultButton: "Load it",
    defaultName: "Default model",
    ownTitle: "A model of your own",
    drop: "Drop a model's folder or files here: config.json, tokenizer.json (or vocab.txt) and model.safetensors.",
    pickFiles: "Choose files",
    pickFolder: "Choose a folder",
    addressTitle: "From an address",
    address: "Address of the model's folder",
    addressHelp: "Its files are fetched from there; nothing else is sent.",
    fetch: "Fetch",
    badAddress: (address: string) =>
      `“${address}” was given where the http or https address of a folder was expected.`,
    missing: (missing: string, found: string) => `Missing: ${missing}. Found: ${found}.`,
    missingHint: "Choose all files of the model at once, or its folder.",
    pickle: (name: string) =>
      `${name} is a Python pickle, which could run code. Save the model again with safetensors.`,
    device: "Where to compute",
    deviceHelp:
      "WebGPU uses the graphics processor. The CPU works everywhere. Takes effect at the next load or training.",
    devices: { auto: "Auto", webgpu: "WebGPU", wasm: "CPU" },
    cpu: "CPU",
    webgpuYes: (adapter: string) =>
      `This browser offers WebGPU${adapter ? ` (${adapter})` : ""}. Auto times both and takes the quicker one.`,
    webgpuNo: (reason: string) => `Auto means the CPU here: ${reason}.`,
    autoReason,
    loading: (name: string) => `Loading ${name}`,
    stages: {
      library: "Fetching the computing part",
      download: "Fetching",
      device: "Opening the device",
      model: "Building the model",
    },
    cancel: "Cancel",
    saidReady: (name: string) => `${name} is loaded.`,
    loaded: (name: string) => `Loaded: ${name}`,
    useNow: "Use it as it is",
    facts: {
      device: "Computes on",
      because: (device: string, reason: string) => `${device} (${reason})`,
      architecture: "Kind",
      size: "Size",
      sizeText: (layers: number, hidden: number, heads: number) =>
        `${layers} layers, ${hidden} numbers a token, ${heads} attention heads`,
      parameters: "Parameters",
      parametersText: (parameters: number, bytes: number) =>
        `${(parameters / 1e6).toFixed(1)} million (${(bytes / 1024 / 1024).toFixed(1)} MB read)`,
      vocabulary: "Vocabulary",
      vocabularyText: (size: number) => `${size.toLocaleString("en")} word pieces`,
      pooling: "A text becomes",
    },
    fit: {
      ownHead: (labels: number) => `It already sorts texts into ${count(labels, "label", "labels")}:`,
      noHead:
        "It has no output layer for labels yet. One is made for your labels when training starts; it knows nothing before that.",
      added: (n: number) => `${count(n, "tensor", "tensors")} the file lacks will start new.`,
      unused: (n: number) =>
        `${count(n, "tensor", "tensors")} in the file ${n === 1 ? "is" : "are"} not needed for classifying and set aside.`,
      allUsed: "Every tensor in the file is used.",
      names: "Names",
    },
  },
  data: {
    ownTitle: "Your own",
    drop: "Drop one to three files here: CSV, TSV or JSONL.",
    pick: "Choose files",
    formats: "One row an example, one column with the text and one with the label. Up to 50 MB a file.",
    sampleTitle: "A sample to play with",
    sampleText: "Questions to a public library's help desk, sorted by who should answer them.",
    samples: { en: "English sample", zh: "Chinese sample" },
    sampleNote: "The default model was raised on English.",
    reading: "Reading…",
    said: (train: number, dev: number, test: number) =>
      `Data ready: ${train} to train on, ${dev} for dev, ${test} for test.`,
    tooMany: (most: number, given: number) =>
      `At most ${most} files are taken (train, dev and test); these would be ${given}.`,
    noSample: (name: string, status: number) =>
      `The sample ${name} could not be fetched: the server answered ${status}.`,
    filesTitle: "Files and columns",
    whileTraining: "The run under way keeps the data it began with.",
    file: "File",
    rows: "Rows",
    part: "Used as",
    firstLine: "Format",
    roleOf: (name: string) => `What ${name} is used as`,
    splitBelow: "split below",
    header: "header line",
    remove: "Remove",
    removeFile: (name: string) => `Remove ${name}`,
    textColumn: "Column with the text",
    textColumnHelp: "What the model will read.",
    labelColumn: "Column with the label",
    labelColumnHelp: "What it should answer.",
    preview: "The first rows",
    noticesTitle: "Worth knowing",
    inspecting: "Looking through the data…",
    reportTitle: "A look at the data",
    place: (part: string, row: number) => `${part}, row ${row}`,
    asIn: (place: string) => `(as ${place})`,
    blocked: "Training can begin once the points marked “Must fix” are gone.",
    labelsTitle: (n: number) => count(n, "label", "labels"),
    labelsCaption: "Rows of each label",
    label: "Label",
    moreLabels: (n: number) => `${n} more`,
    splitTitle: "Train, dev and test",
    partHelp: { train: "is learned from", dev: "is checked after each round", test: "is kept for the end" },
    seed: "Seed of the split",
    seedHelp: "Another number, another draw. Every label keeps its share: 80, 10 and 10 %.",
  },
  rowKinds,
  parse: {
    tooLarge: (name: string, size: number, most: number) =>
      `${name} is ${size.toFixed(1)} MB; at most ${most} MB are read.`,
    tooLargeHint: "Take fewer rows: a few thousand are plenty for fine-tuning.",
    encoding: (name: string, encoding: string) =>
      `${name} is not UTF-8; it was read as ${encoding}. If letters look wrong, save it as UTF-8.`,
    empty: (name: string) => `${name} holds no rows.`,
    spreadsheet: (name: string) => `${name} is a spreadsheet or zip file.`,
    spreadsheetHint: "Save it as CSV (UTF-8) and bring that.",
    binary: (name: string) => `${name} holds bytes that are no text in any encoding known here.`,
    quotes: (name: string) => `${name} has quotation marks that do not pair up. Check these rows.`,
    shifted: (name: string, rows: number, columns: number) =>
      `${name}: ${count(rows, "row has", "rows have")} more cells than the ${columns} columns and ${rows === 1 ? "was" : "were"} left out. Is a comma unquoted?`,
    badLines: (name: string, lines: number, first: string) =>
      `${name}: ${count(lines, "line is", "lines are")} not a JSON object. Line ${first}`,
    jsonHint: 'JSONL has one object a line, such as {"text": "…", "label": "…"}.',
  },
  rows: {
    sameColumn: "Text and label are the same column. Choose two different ones.",
    noTrain: "There are no rows to train on.",
    oneLabel: (label: string) =>
      `All rows to train on have one label${label ? ` (${label})` : ""}. At least two are needed.`,
    manyLabels: (labels: number, rows: number) =>
      `${labels} labels for ${rows} rows: is this the right label column?`,
    unknownLabels: (part: string, labels: number, rows: number) =>
      `${part}: ${count(rows, "row", "rows")} left out, with ${count(labels, "label", "labels")} that the training rows lack.`,
    noDev: "There is no dev file, so no dev curve.",
    noTest: "There is no test file; the model is judged on dev.",
    noColumn: (file: string, column: string) => `${file} has no column “${column}”.`,
    emptyText: (file: string, rows: number) =>
      `${file}: ${count(rows, "row", "rows")} without text left out.`,
    emptyLabel: (file: string, rows: number) =>
      `${file}: ${count(rows, "row", "rows")} without a label left out.`,
  },
  recipe,
  tuning,
  pretrain,
  fillMask,
  adapters,
  train: {
    needsModel: "Load a model first.",
    needsData: "Bring some labelled examples first.",
    reportFound: (n: number) => `A look at the data found ${count(n, "thing", "things")} that may matter.`,
    reportLink: "See what",
    trained: (n: number, of: number) =>
      n >= of ? `All ${many(of)} numbers are trained.` : `${many(n)} of ${many(of)} numbers are trained.`,
    restored: (epoch: number) => `Epoch ${epoch} was best on dev; its weights are kept.`,
    best: "best",
    plan: "How long will it take?",
    planning: "Timing a few steps…",
    willTake: (steps: number, seconds: number, bytes: number) =>
      `${count(steps, "step", "steps")}: about ${duration(seconds)} and ${Math.round(bytes / 2 ** 20)} MB of memory.`,
    willNotFit: (bytes: number, limit: number, change?: { batchSize: number; maxLength?: number }) =>
      `This needs about ${(bytes / 2 ** 30).toFixed(1)} GB of memory, and there are ${(limit / 2 ** 30).toFixed(1)}. ${
        change
          ? `It fits with a batch size of ${change.batchSize}${change.maxLength ? ` and a max length of ${change.maxLength}` : ""}.`
          : "Choose a smaller model."
      }`,
    start: "Start training",
    again: "Train again",
    pause: "Pause",
    resume: "Resume",
    stop: "Stop",
    preparing: "Preparing the model and the data…",
    paused: "Paused",
    stopping: "Stopping after this step…",
    progressLabel: "Training progress",
    progress: (step: number, steps: number, epoch: number, epochs: number) =>
      `Epoch ${Math.max(1, epoch)} of ${epochs}, step ${step} of ${steps}`,
    left: (seconds: number) => `about ${duration(seconds)} left`,
    truncated: (rows: number) => `${count(rows, "text was", "texts were")} cut to the max length.`,
    reasons: {
      finished: (steps: number, seconds: number) =>
        steps > 0
          ? `Finished: ${count(steps, "step", "steps")} in ${duration(seconds)}.`
          : `Finished in ${duration(seconds)}.`,
      stopped: (steps: number, seconds: number) =>
        `Stopped after ${count(steps, "step", "steps")} and ${duration(seconds)}. What was learned so far is kept.`,
      "early-stopping": (steps: number, seconds: number) =>
        `Ended early after ${count(steps, "step", "steps")} and ${duration(seconds)}: dev no longer improved.`,
      diverged: (steps: number, seconds: number) =>
        `Ran off to infinity after ${count(steps, "step", "steps")} and ${duration(seconds)}. The last sound weights are kept; try a lower learning rate.`,
    },
    curves: "Curves",
    lossTitle: "Loss",
    lossNow: "each step",
    lossSmooth: "running mean",
    devLoss: "Dev loss",
    trainLoss: "Train loss",
    accuracyTitle: "On dev, after each epoch",
    accuracy: "Accuracy",
    macroF1: "Macro F1",
    step: "Step",
    epoch: "Epoch",
    seconds: "Seconds",
    curvesHelp:
      "The loss should fall. When the dev loss rises while the other falls, the model begins to learn by heart: stop there.",
    lossSummary: (first: number | undefined, last: number | undefined, steps: number) =>
      first === undefined || last === undefined
        ? "No steps yet."
        : `From ${first.toFixed(3)} to ${last.toFixed(3)} over ${count(steps, "step", "steps")}.`,
    accuracySummary: (epoch: number, accuracy: number, f1: number) =>
      `After epoch ${epoch}: accuracy ${percent(accuracy)}, macro F1 ${f1.toFixed(3)}.`,
    noDevYet: "Nothing measured yet.",
    numbers: "The curves in numbers",
    saidEpoch: (epoch: number, loss: number, accuracy: number | undefined) =>
      `Epoch ${epoch}: loss ${loss.toFixed(3)}${accuracy === undefined ? "" : `, dev accuracy ${percent(accuracy)}`}.`,
  },
  evaluation,
  compare,
  use: {
    notTrained: "This model has no trained labels yet. Train it first.",
    whileTraining:
      "Training is under way: answers come from the weights of the last step, between two steps.",
    oneTitle: "One text",
    text: "Text",
    textHelp: "Ctrl + Enter works too.",
    placeholder: "Type or paste a text…",
    classify: "Classify",
    verdict: "Most likely:",
    scores: "Score of each label",
    score: "Score",
    scoresHelp: "The scores add up to 100 %. A high score is not a promise.",
    said: (label: string, score: number) => `${label}, ${percent(score)}`,
    fileTitle: "A whole file",
    drop: "Drop a CSV, TSV or JSONL file here.",
    pick: "Choose a file",
    fileRows: (rows: number) => count(rows, "row", "rows"),
    classifyFile: "Classify the file",
    fileProgress: (done: number, of: number) => `${done} of ${of}`,
    fileDone: (rows: number) => `${count(rows, "row", "rows")} labelled.`,
    downloadCsv: "Download the CSV",
    csvHelp:
      "The file's columns, then the label and every score. Cells that a spreadsheet would run as a formula get an apostrophe in front.",
  },
  keep: {
    title: "Download",
    dtype: "Precision",
    dtypes: { f32: "Full (f32)", f16: "Half (f16)" },
    dtypeHelp: {
      f32: "Gives exactly these answers.",
      f16: "Half the size; answers differ in the last digits.",
    },
    about: (bytes: number) => `About ${(bytes / 1024 / 1024).toFixed(1)} MB.`,
    size,
    merged: "What the addition learned is merged into the weights: this works everywhere a BERT does.",
    adapterTitle: "The addition alone",
    adapterHelp:
      "A small folder in the form of Python's peft. It stands on the model you loaded in step 1, which can carry many of them.",
    adapter: "Download the addition",
    adapterSaved: "The addition is saved.",
    adapterUse: "How to use it",
    adapterInPage: "In a page",
    adapterPooling:
      "In Python, peft needs a base that pools as this model does; transformers' own class reads the first token only.",
    zip: "Download as one zip",
    saving: "Saving…",
    saved: "The model is saved.",
    oneByOne: "The files one by one",
    make: "Make the files",
    python: "Use it in Python",
    pythonHelp: (folder: string) =>
      `Unpack the zip, which makes the folder ${folder}. Then, with torch and transformers installed:`,
    remoteCode:
      "trust_remote_code is there because transformers' own class reads the first token only and knows no bottlenecks. modeling_bertlet.py in the zip adds what this model has; it is short, so read it first.",
    copy: "Copy",
    copied: "Copied",
  },
};

export type Dictionary = typeof en;
