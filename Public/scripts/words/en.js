// Lower-case sentences stand beside a button; the others begin a line of their own.

/** @param {number} n */
const minutes = (n) => (n === 1 ? "1 minute" : `${n} minutes`);

export default {
  language: "en",
  loading: "Loading …",
  next: "Next",
  begin: "Begin",
  goOn: "Go on",
  tryAgain: "Try again",

  welcome: {
    facts: (/** @type {number} */ m, /** @type {number} */ trials) => `About ${minutes(m)} · ${trials} short ${trials === 1 ? "page" : "pages"} of listening · headphones, please`,
    consent: "Consent",
    languages: "Language",
    tickFirst: "tick the box first",
    closed: "This study takes no new listeners at the moment. Thank you for coming.",
    begunHere: "You began this study on this device.",
    continueThere: "Go on where you were",
    begunElsewhere: "I have begun already: go on",
    finishedHere: "You finished this study on this device.",
    lastPage: "Show the last page again",
    finishedBefore: "You have taken part already",
    finishedBeforeWhy: "All your answers are saved, and nothing is left to do. Thank you for listening. If you still need what the last page said, open this link on the device where you finished, or ask who invited you.",
    preview: "This looks like a preview of the task. Accept the task first and come back by its link, so that your work can be credited.",
    someoneElse: "or begin below as someone else",
    joining: "Beginning …",
  },

  preview: {
    note: (/** @type {number} */ participant) => `Preview: the session of participant ${participant}. Nothing is kept.`,
    jump: "Go to …",
  },

  questionnaire: {
    title: "About you",
    optional: "optional",
    answerFirst: (/** @type {number} */ n) => (n === 1 ? "one answer is still missing" : `${n} answers are still missing`),
    required: "Please answer this.",
    numberBetween: (/** @type {number} */ low, /** @type {number} */ high) => `Please give a number from ${low} to ${high}.`,
    numberFrom: (/** @type {number} */ low) => `Please give a number from ${low} up.`,
    numberTo: (/** @type {number} */ high) => `Please give a number up to ${high}.`,
    number: "Please give a number.",
    several: "Choose all that apply",
    choose: (/** @type {number} */ least, /** @type {number | null} */ most) => (
      most === null ? `Choose at least ${least}` : least < 2 ? `Choose up to ${most}` : least === most ? `Choose ${least}` : `Choose ${least} to ${most}`),
    or: "or",
    length: (/** @type {number} */ n, /** @type {number} */ least, /** @type {number | null} */ most) => (
      n < least ? `${n} of at least ${least} characters` : most === null ? `${n} characters` : `${n} of ${most} characters`),
    tooShort: (/** @type {number} */ least) => `Please write at least ${least} characters.`,
    tooLong: (/** @type {number} */ n, /** @type {number} */ most) => `Please shorten this: it has ${n} characters, and there is room for ${most}.`,
    point: (/** @type {number} */ at, /** @type {number} */ low, /** @type {number} */ high, /** @type {string | undefined} */ least, /** @type {string | undefined} */ most) => (
      at === low && least ? `${at}, ${least}` : at === high && most ? `${at}, ${most}` : `${at}`),
    date: "Please give a whole date.",
    dateBetween: (/** @type {string | null} */ first, /** @type {string | null} */ last) => (
      first && last ? `Please give a date from ${first} to ${last}.` : first ? `Please give a date from ${first} on.` : `Please give a date up to ${last}.`),
  },

  volume: {
    title: "Set your volume",
    why: "Later sounds are as loud as this one, so it is worth setting once.",
    how: "Put your headphones on and play the loop. Turn your device up or down until it is comfortable and clear, then leave it there.",
    play: "Play the loop",
    stop: "Stop the loop",
    playFirst: "play the loop first",
  },

  headphones: {
    title: "Headphones",
    why: "This short check tells us whether the sounds reach each ear as they should.",
    how: "Each round plays three sounds, one after another. Which of them is the quietest?",
    round: (/** @type {number} */ i, /** @type {number} */ n) => `Round ${i} of ${n}`,
    play: "Play the three sounds",
    stop: "Stop",
    quietest: "The quietest was the …",
    options: ["first", "second", "third"],
    playFirst: "play the sounds first",
    chooseFirst: "choose one first",
    notPassed: "Thank you for coming",
    notPassedWhy: "This study needs sounds that reach each ear alone, and the check says that they do not here. That is about devices and rooms, not about your ears. You can close this page.",
  },

  instructions: { title: "How it works" },

  break: { title: "Take a break", wait: (/** @type {number} */ s) => `You can go on in ${s} s.` },

  feedback: { right: "That was right.", wrong: "That was not right. Take your time." },

  trial: {
    number: (/** @type {number} */ i, /** @type {number} */ n) => `Trial ${i} of ${n}`,
    practice: (/** @type {number} */ i, /** @type {number} */ n) => (n > 1 ? `Practice ${i} of ${n}` : "Practice"),
    practiceNote: "Practice: try everything out, this page does not count.",
    countsNow: "From here on it counts.",
    left: (/** @type {number} */ m) => (m < 1 ? "less than a minute left" : `about ${minutes(m)} left`),
    loop: "the loop",
    repeats: "repeats",
    playLoop: "Play the loop",
    stopLoop: "Stop the loop",
    play: (/** @type {string} */ letter) => `Play ${letter}`,
    stop: (/** @type {string} */ letter) => `Stop ${letter}`,
    compare: "Compare",
    compareHint: "loop → sample",
    sort: "Sort by score",
    notRated: "not rated yet",
    notHeard: "not heard yet",
    heard: "heard",
    rated: "rated",
    playsLeft: (/** @type {number} */ n) => (n < 1 ? "no plays left" : n === 1 ? "1 play left" : `${n} plays left`),
    spent: (/** @type {string} */ letter) => `You have no plays of ${letter} left.`,
    comment: "Your remarks",
    scaleOf: (/** @type {string} */ letter) => `Similarity of ${letter}`,
    outOf: (/** @type {number} */ value, /** @type {number} */ high) => `${value} of ${high}`,
    listenFirst: (/** @type {string} */ letter) => `Listen to ${letter} first, then rate it.`,
    missing: { loop: "the loop", listen: (/** @type {string} */ list) => `listen to ${list}`, rate: (/** @type {string} */ list) => `rate ${list}`, and: " and ", first: (/** @type {string} */ what) => `${what} first` },
    keysLine: [["Space", "loop"], ["A–{last}", "samples"], ["← →", "rate"], ["Enter", "next"], ["?", "keys"]],
    keysTitle: "Keys",
    keys: (/** @type {string} */ last) => [
      ["Space", "play or stop the loop"],
      [`A – ${last}`, "play a sample; its scale is then ready for the arrows"],
      [`Shift + A – ${last}`, "play loop, then sample (or only the sample, while Compare is on)"],
      ["← → ↑ ↓", "move the scale"],
      ["Shift + arrow", "move it in large steps"],
      ["Home, End", "to the ends of the scale"],
      ["Enter", "go on, once everything is rated"],
      ["Esc", "stop all sound"],
    ],
    close: "Close",
  },

  triplet: {
    choose: "nearer",
    chooseOf: (/** @type {string} */ letter) => `${letter} is nearer`,
    chosen: "chosen",
    missing: "choose the nearer one",
    listenFirst: (/** @type {string} */ letter) => `Listen to ${letter} first, then choose.`,
    keysLine: [["Space", "loop"], ["A, {last}", "samples"], ["← →", "choose"], ["Enter", "next"], ["?", "keys"]],
    keys: (/** @type {string} */ last) => [
      ["Space", "play or stop the loop; on a choice, choose it"],
      [`A, ${last}`, "play a sample; its choice is then ready"],
      [`Shift + A, ${last}`, "play loop, then sample (or only the sample, while Compare is on)"],
      ["← → ↑ ↓", "choose the other one"],
      ["Enter", "go on, once one is chosen"],
      ["Esc", "stop all sound"],
    ],
  },

  region: {
    start: "Start of the stretch that plays",
    end: "End of the stretch that plays",
    at: (/** @type {number} */ share) => `${Math.round(share * 100)} percent`,
  },

  versions: {
    loop: "the reference",
    repeats: "changes in place",
    playLoop: "Play the reference",
    stopLoop: "Stop the reference",
    missing: { loop: "the reference", listen: (/** @type {string} */ list) => `listen to ${list}`, rate: (/** @type {string} */ list) => `rate ${list}`, and: " and ", first: (/** @type {string} */ what) => `${what} first` },
  },

  set: {
    loop: "X",
    repeats: "",
    playLoop: "Play X",
    stopLoop: "Stop X",
    compareHint: "X → sound",
    missing: { loop: "X", listen: (/** @type {string} */ list) => `listen to ${list}`, rate: (/** @type {string} */ list) => `rate ${list}`, and: " and ", first: (/** @type {string} */ what) => `${what} first` },
  },

  tripletOfSet: {
    keysLine: [["Space", "X"], ["A, {last}", "sounds"], ["← →", "choose"], ["Enter", "next"], ["?", "keys"]],
    keys: (/** @type {string} */ last) => [
      ["Space", "play or stop X; on a choice, choose it"],
      [`A, ${last}`, "play a sound; its choice is then ready"],
      [`Shift + A, ${last}`, "play X, then the sound (or only the sound, while Compare is on)"],
      ["← → ↑ ↓", "choose the other one"],
      ["Enter", "go on, once one is chosen"],
      ["Esc", "stop all sound"],
    ],
  },

  oddOneOut: {
    choose: "the odd one out",
    chooseOf: (/** @type {string} */ letter) => `${letter} is the odd one out`,
    chosen: "chosen",
    missing: "choose the odd one out",
    listenFirst: (/** @type {string} */ letter) => `Listen to ${letter} first, then choose.`,
    keysLine: [["Space", "play or stop"], ["A–{last}", "sounds"], ["← →", "choose"], ["Enter", "next"], ["?", "keys"]],
    keys: (/** @type {string} */ last) => [
      ["Space", "play what played last, or stop it; on a choice, choose it"],
      [`A – ${last}`, "play a sound; its choice is then ready"],
      ["← → ↑ ↓", "choose another one"],
      ["Enter", "go on, once one is chosen"],
      ["Esc", "stop all sound"],
    ],
  },

  pairwise: {
    scale: "How alike they are",
    missing: "rate how alike they are",
    listenFirst: (/** @type {string} */ letter) => `Listen to ${letter} first, then rate.`,
    keysLine: [["Space", "play or stop"], ["A, {last}", "sounds"], ["← →", "rate"], ["Enter", "next"], ["?", "keys"]],
    keys: (/** @type {string} */ last) => [
      ["Space", "play what played last, or stop it"],
      [`A, ${last}`, "play a sound; the scale is then ready for the arrows"],
      ["← → ↑ ↓", "move the scale"],
      ["Shift + arrow", "move it in large steps"],
      ["Home, End", "to the ends of the scale"],
      ["Enter", "go on, once the pair is rated"],
      ["Esc", "stop all sound"],
    ],
  },

  ccr: {
    scale: "B, compared with A",
    labels: ["Much better", "Better", "Slightly better", "About the same", "Slightly worse", "Worse", "Much worse"],
    missing: "choose how B compares with A",
    listenFirst: (/** @type {string} */ letter) => `Listen to ${letter} first, then choose.`,
    keysLine: [["Space", "play or stop"], ["A, {last}", "versions"], ["↑ ↓", "choose"], ["Enter", "next"], ["?", "keys"]],
    keys: (/** @type {string} */ last) => [
      ["Space", "play what played last, or stop it; on a word, choose it"],
      [`A, ${last}`, "change to a version; the words are then ready"],
      ["← → ↑ ↓", "choose other words"],
      ["Enter", "go on, once something is chosen"],
      ["Esc", "stop all sound"],
    ],
  },

  rank: {
    put: (/** @type {number} */ n) => `Put in place ${n}`,
    putOf: (/** @type {string} */ letter, /** @type {number} */ n) => `Put ${letter} in place ${n}`,
    place: (/** @type {number} */ n) => `${n}.`,
    placed: "placed",
    listenFirst: (/** @type {string} */ letter) => `Listen to ${letter} first, then place it.`,
    up: (/** @type {string} */ letter) => `Move ${letter} up`,
    down: (/** @type {string} */ letter) => `Move ${letter} down`,
    missing: (/** @type {string} */ list) => `place ${list}`,
    versions: { repeats: "changes in place" },
    keysLine: [["Space", "play or stop"], ["A–{last}", "sounds"], ["↑ ↓", "place, move"], ["Enter", "next"], ["?", "keys"]],
    keys: (/** @type {string} */ last) => [
      ["Space", "play what is compared with, or what played last, or stop it; on a button, press it"],
      [`A – ${last}`, "play a sound; the arrows then move it"],
      ["↑ ↓", "put it at the next place; then move it up or down"],
      ["Enter", "go on, once all are placed; on a button, press it"],
      ["Esc", "stop all sound"],
    ],
  },

  sort: {
    choose: "choose a group",
    fresh: "a new group",
    group: (/** @type {number} */ n) => `Group ${n}`,
    groupNamed: (/** @type {number} */ n, /** @type {string} */ name) => `${n}: ${name}`,
    groupOf: (/** @type {string} */ letter) => `Group of ${letter}`,
    namePlaceholder: "a name, if you like",
    sorted: "sorted",
    arrange: "Arrange by group",
    missing: (/** @type {string} */ list) => `put ${list} in a group`,
    listenFirst: (/** @type {string} */ letter) => `Listen to ${letter} first, then choose its group.`,
    keysLine: [["Space", "play or stop"], ["A–{last}", "sounds"], ["↑ ↓", "choose"], ["?", "keys"]],
    keys: (/** @type {string} */ last) => [
      ["Space", "play what played last, or stop it; on a group, open the list"],
      [`A – ${last}`, "play a sound; its group is then ready"],
      ["↑ ↓", "choose another group"],
      ["Esc", "stop all sound"],
    ],
  },

  ab: {
    choose: "better",
    chooseOf: (/** @type {string} */ letter) => `${letter} is better`,
    chosen: "chosen",
    neither: "no difference",
    missing: "choose one",
    listenFirst: (/** @type {string} */ letter) => `Listen to ${letter} first, then choose.`,
    keysLine: [["Space", "play or stop"], ["A, {last}", "versions"], ["← →", "choose"], ["Enter", "next"], ["?", "keys"]],
    keys: (/** @type {string} */ last) => [
      ["Space", "play or stop the reference, or what played last; on a choice, choose it"],
      [`A, ${last}`, "change to a version; its choice is then ready"],
      ["← → ↑ ↓", "choose the other one"],
      ["Enter", "go on, once something is chosen"],
      ["Esc", "stop all sound"],
    ],
  },

  abx: {
    choose: "this is X",
    chooseOf: (/** @type {string} */ letter) => `${letter} is X`,
    chosen: "chosen",
    missing: "choose what X is",
    listenFirst: (/** @type {string} */ letter) => `Listen to ${letter} first, then choose.`,
    words: {
      loop: "X",
      playLoop: "Play X",
      stopLoop: "Stop X",
      missing: { loop: "X", listen: (/** @type {string} */ list) => `listen to ${list}`, rate: (/** @type {string} */ list) => `rate ${list}`, and: " and ", first: (/** @type {string} */ what) => `${what} first` },
    },
    keysLine: [["Space", "X"], ["A, {last}", "versions"], ["← →", "choose"], ["Enter", "next"], ["?", "keys"]],
    keys: (/** @type {string} */ last) => [
      ["Space", "play or stop X; on a choice, choose it"],
      [`A, ${last}`, "change to a version; its choice is then ready"],
      ["← → ↑ ↓", "choose the other one"],
      ["Enter", "go on, once one is chosen"],
      ["Esc", "stop all sound"],
    ],
  },

  category: {
    scaleOf: (/** @type {string} */ letter) => `What ${letter} is like`,
    keysLine: [["Space", "play or stop"], ["A", "the sound"], ["↑ ↓", "choose"], ["Enter", "next"], ["?", "keys"]],
    keys: (/** @type {string} */ last) => [
      ["Space", "play or stop the reference, or the sound; on a word, choose it"],
      [last, "play the sound; its words are then ready"],
      ["← → ↑ ↓", "choose another word"],
      ["Enter", "go on, once a word is chosen"],
      ["Esc", "stop all sound"],
    ],
  },

  acr: { labels: ["Excellent", "Good", "Fair", "Poor", "Bad"] },

  dcr: {
    labels: [
      "Degradation is inaudible", "Degradation is audible but not annoying", "Degradation is slightly annoying",
      "Degradation is annoying", "Degradation is very annoying",
    ],
  },

  bs1116: {
    bands: ["very annoying", "annoying", "slightly annoying", "percep\u00adtible, not annoying", "imper\u00adceptible"],
    scaleOf: (/** @type {string} */ letter) => `Difference of ${letter}`,
  },

  mushra: {
    bands: ["bad", "poor", "fair", "good", "excellent"],
    scaleOf: (/** @type {string} */ letter) => `Quality of ${letter}`,
    keysLine: [["Space", "reference"], ["A–{last}", "versions"], ["← →", "rate"], ["Enter", "next"], ["?", "keys"]],
    keys: (/** @type {string} */ last) => [
      ["Space", "play the reference, or stop it"],
      [`A – ${last}`, "change to a version in place; its scale is then ready for the arrows"],
      ["← → ↑ ↓", "move the scale"],
      ["Shift + arrow", "move it in large steps"],
      ["Home, End", "to the ends of the scale"],
      ["← → on the line", "move the ends of the stretch that plays"],
      ["Enter", "go on, once everything is rated"],
      ["Esc", "stop all sound"],
    ],
  },

  finish: {
    title: "Thank you",
    sending: "Your last answers are on their way. Please keep this page open for a moment.",
    saved: "All your answers are saved. You can close this page.",
    savedBut: (/** @type {number} */ n) => `Your answers are saved, except ${n === 1 ? "one" : n} that did not count: ${n === 1 ? "it is" : "they are"} kept apart, and the people who run the study can see ${n === 1 ? "it" : "them"}. You can close this page.`,
    notTaken: "Some of your answers could not be handed over. They are kept in this browser. Please tell the people who invited you, and try again later by the same link.",
    leaving: (/** @type {string} */ host, /** @type {number} */ s) => `You will be taken to ${host} in ${s} s.`,
    leave: "Go there now",
  },

  saving: {
    saved: "saved",
    saving: "saving …",
    away: "The network is away. Your answers are kept here and will be sent.",
    awayUnkept: "The network is away, and this browser keeps nothing. Please leave this page open until your answers are sent.",
    refused: (/** @type {number} */ n) => (n === 1 ? "The server did not take an answer. It is kept, and the people who run the study are told."
      : `The server did not take ${n} answers. They are kept, and the people who run the study are told.`),
    elsewhere: "This was answered in another browser already. The first answer counts; the second one is kept apart.",
    unkept: "This browser keeps nothing between visits. Please leave this page open until the end.",
  },

  trouble: {
    soundNetwork: "A sound has not arrived. Your answers are safe; this page goes on as soon as it is here.",
    soundDecode: "This browser could not read a sound.",
    noSoundYet: "No sound yet. Are headphones or loudspeakers connected and switched on?",
    noSound: "No sound comes out of this device. Connect headphones or loudspeakers, then try again. Your answers are kept; you can also come back later by the same link.",
    changed: "The study was changed after you began, so it cannot go on here.",
    changedHow: "What you answered is kept. Please ask the people who invited you for a new link.",
    unknown: "This link is not known here.",
    unknownHow: "Please check that it is complete, or ask who sent it to you.",
    away: "The server is out of reach. This page tries again by itself.",
    awayKept: "The server is out of reach. What you answered is kept; this page goes on by itself as soon as the server is back.",
    otherTab: "This listening test is open in another tab or window.",
    otherTabHow: "Go on there, or go on here and leave the other one.",
    here: "Go on here",
    failed: "Something went wrong on this page. Your answers are safe; reloading the page goes on where you were.",
    reload: "Reload",
  },
};
