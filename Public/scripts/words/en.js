import { message } from "../message.js";

// What the pages say, in English. This is also the list of all messages: the other languages are files in `Public/words`,
// by the same names. What a file leaves out is said in English.

export default {
  language: "en",
  loading: "Loading …",
  next: "Next",
  begin: "Begin",
  goOn: "Continue",
  tryAgain: "Try again",
  minutes: message({ one: "1 minute", other: "{n} minutes" }, "n"),
  /** What is still to be done on a page, and what stands between two things to do. */
  toDo: message("Still to do: {what}", "what"),
  toDoComma: ", ",

  welcome: {
    facts: message({ one: "About {minutes} · {trials} listening task · use headphones", other: "About {minutes} · {trials} listening tasks · use headphones" }, "minutes", "trials"),
    consent: "Consent",
    languages: "Language",
    tick: "tick the box",
    closed: "This study is closed to new participants. Thank you for your interest.",
    begunHere: "You started this study on this device.",
    continueThere: "Continue where you left off",
    begunElsewhere: "I've already started: continue",
    finishedHere: "You finished this study on this device.",
    lastPage: "Show the last page again",
    finishedBefore: "You've already taken part",
    finishedBeforeWhy: "All your answers are saved and there is nothing left to do. Thank you for listening. If you need something from the last page, open this link on the device you used, or ask the person who invited you.",
    preview: "This looks like a preview of the task. Accept the task first, then come back using its link so that your work is credited.",
    decline: "I don't want to take part",
    /** For who comes back with a code that a break has shown. */
    code: {
      ask: "I have a code to continue",
      label: "Your code",
      unknown: "This code doesn't work. Check that you typed it exactly as it was shown.",
      tooMany: "That was wrong several times. Wait a minute, then try again.",
    },
    someoneElse: "or start below as someone else",
    joining: "Starting …",
  },

  preview: {
    note: message("Preview of participant {participant}'s session. Nothing is saved.", "participant"),
    jump: "Go to …",
  },

  questionnaire: {
    title: "About you",
    optional: "optional",
    answer: message({ one: "answer 1 question", other: "answer {n} questions" }, "n"),
    required: "Please answer this question.",
    numberBetween: message("Enter a number from {low} to {high}.", "low", "high"),
    numberFrom: message("Enter a number from {low} upwards.", "low"),
    numberTo: message("Enter a number up to {high}.", "high"),
    number: "Enter a number.",
    numberPlainly: "Enter the number without separating thousands, such as 1500 or 1.5.",
    several: "Choose all that apply",
    chooseAtLeast: message("Choose at least {least}", "least"),
    chooseUpTo: message("Choose up to {most}", "most"),
    chooseExactly: message("Choose {n}", "n"),
    chooseBetween: message("Choose {least} to {most}", "least", "most"),
    or: "or",
    length: message({ one: "1 character", other: "{n} characters" }, "n"),
    lengthOf: message("{n} of {most} characters", "n", "most"),
    lengthOfAtLeast: message("{n} of at least {least} characters", "n", "least"),
    tooShort: message({ one: "Write at least 1 character.", other: "Write at least {least} characters." }, "least"),
    tooLong: message("Use {most} characters or fewer. There are {n} now.", "n", "most"),
    date: "Enter a full date.",
    dateBetween: message("Enter a date from {first} to {last}.", "first", "last"),
    dateFrom: message("Enter a date from {first} onwards.", "first"),
    dateTo: message("Enter a date up to {last}.", "last"),
  },

  volume: {
    title: "Set your volume",
    why: "Later sounds are as loud as this one, so you only need to set it once.",
    how: "Put on your headphones and play the sound. Turn the volume of your device up or down until it is clear and comfortable, then leave it there.",
    play: "Play the sound",
    stop: "Stop the sound",
    toDo: "play the sound",
    kept: "Please keep the volume as you set it at the beginning.",
    changed: "Your sound output seems to have changed. Use the same headphones and the same volume as before.",
  },

  headphones: {
    title: "Headphones",
    why: "This quick check tells us whether each ear hears its own sound.",
    how: "You will hear three sounds, one after another. Which one is the quietest?",
    round: message("Round {i} of {n}", "i", "n"),
    play: "Play the three sounds",
    stop: "Stop",
    quietest: "The quietest sound was the …",
    options: ["first", "second", "third"],
    playThem: "play the sounds",
    hearThem: "hear the sounds to the end",
    again: "Let's try that once more. Make sure that your headphones are on, and that both sides work.",
    /** Of the check by noises. */
    huggins: {
      how: "You will hear three noises, one after another. One of them has a faint tone in it. Which one?",
      ask: "The faint tone was in the …",
      options: ["first", "second", "third"],
    },
    /** Of the rounds that tell left from right. */
    sides: {
      how: "You will hear three tones, one after another. Which one is on the left?",
      swap: "If two of them are on the left, your headphones are on the wrong way round: swap the sides and play the tones again.",
      ask: "The tone on the left was the …",
      options: ["first", "second", "third"],
    },
    choose: "choose an answer",
  },

  instructions: { title: "How it works" },

  break: {
    title: "Take a break",
    later: "You can also continue later, here or on another device, with your personal link:",
    code: "Or type this code on the first page of the study:",
    wait: message({ one: "You can continue in 1 second.", other: "You can continue in {s} seconds." }, "s"),
  },

  feedback: { right: "That's right.", wrong: "That's not right. Take your time." },

  trial: {
    number: message("Trial {i} of {n}", "i", "n"),
    practice: message("Practice {i} of {n}", "i", "n"),
    practiceOnly: "Practice",
    practiceNote: "Practice: try everything out. Your ratings don't count yet.",
    countsNow: "Practice is over. Your ratings now count.",
    left: message({ 0: "less than a minute left", one: "about 1 minute left", other: "about {n} minutes left" }, "n"),
    loop: "the loop",
    repeats: "repeats",
    playLoop: "Play the loop",
    stopLoop: "Stop the loop",
    play: message("Play {letter}", "letter"),
    stop: message("Stop {letter}", "letter"),
    compare: "Compare",
    compareHint: "loop → sample",
    sort: "Sort by score",
    notRated: "not rated yet",
    notHeard: "not heard yet",
    heard: "heard",
    rated: "rated",
    playsLeft: message({ 0: "no plays left", one: "1 play left", other: "{n} plays left" }, "n"),
    spent: message("You have no plays of {letter} left.", "letter"),
    comment: "Comments",
    scaleOf: message("Similarity of {letter}", "letter"),
    outOf: message("{value} of {high}", "value", "high"),
    /** What a screen reader is told of a scale. */
    ends: message("From {min}, {low}, to {max}, {high}.", "min", "low", "max", "high"),
    listenFirst: message("Listen to {letter} first, then rate it.", "letter"),
    toDo: {
      loop: "play the loop",
      play: message("play {list}", "list"),
      say: message("rate {list}", "list"),
      playAndSay: message("play and rate {list}", "list"),
      longer: message("hear more of {list}", "list"),
    },
  },

  /** `line` stands at the foot of a page, the others in the list of all keys. */
  keys: {
    title: "Keys",
    close: "Close",
    space: "Space",
    shift: "Shift",
    enter: "Enter",
    arrow: "arrow",
    ends: "Home, End",
    onTheLine: "← → on the line",
    line: {
      loop: "loop", reference: "reference", x: "X", latest: "play or stop",
      samples: "samples", versions: "versions", sounds: "sounds",
      rate: "rate", choose: "choose", place: "place, move",
      next: "next", help: "keys",
    },
    loop: "play or stop the loop",
    reference: "play or stop the reference",
    x: "play or stop X",
    latest: "play or stop the sound you heard last",
    samples: "play a sample and go to its answer",
    versions: "switch to a version and go to its answer",
    sounds: "play a sound and go to its answer",
    withLoop: "play it after the loop, or by itself while Compare is on",
    switch: "switch between the last two sounds",
    rate: "move the scale",
    choose: "choose an answer",
    place: "put it in the next place, then move it up or down",
    largeSteps: "move the scale in larger steps",
    toTheEnds: "go to either end of the scale",
    region: "change which part plays",
    next: "go to the next page, once everything is done",
    quiet: "stop all sound",
  },

  triplet: {
    choose: "nearer",
    chooseOf: message("{letter} is nearer", "letter"),
    chosen: "chosen",
    toDo: "choose the nearer one",
    listenFirst: message("Listen to {letter} first, then choose.", "letter"),
  },

  region: {
    start: "Start of the part that plays",
    end: "End of the part that plays",
    at: message("{percent} percent", "percent"),
  },

  versions: {
    loop: "the reference",
    repeats: "switches in place",
    playLoop: "Play the reference",
    stopLoop: "Stop the reference",
    toDoLoop: "play the reference",
  },

  set: {
    loop: "X",
    playLoop: "Play X",
    stopLoop: "Stop X",
    compareHint: "X → sound",
    toDoLoop: "play X",
  },

  oddOneOut: {
    choose: "the odd one out",
    chooseOf: message("{letter} is the odd one out", "letter"),
    chosen: "chosen",
    toDo: "choose the odd one out",
    listenFirst: message("Listen to {letter} first, then choose.", "letter"),
  },

  pairwise: {
    scale: "How alike they are",
    toDo: "rate how alike they are",
    listenFirst: message("Listen to {letter} first, then rate.", "letter"),
  },

  ccr: {
    scale: "B, compared with A",
    labels: ["Much better", "Better", "Slightly better", "About the same", "Slightly worse", "Worse", "Much worse"],
    toDo: "choose how B compares with A",
    listenFirst: message("Listen to {letter} first, then choose.", "letter"),
  },

  rank: {
    put: message("Put in place {n}", "n"),
    putOf: message("Put {letter} in place {n}", "letter", "n"),
    place: message("{n}.", "n"),
    placed: "placed",
    listenFirst: message("Listen to {letter} first, then place it.", "letter"),
    up: message("Move {letter} up", "letter"),
    down: message("Move {letter} down", "letter"),
    say: message("place {list}", "list"),
    playAndSay: message("play and place {list}", "list"),
  },

  sort: {
    choose: "choose a group",
    fresh: "a new group",
    group: message("Group {n}", "n"),
    groupNamed: message("{n}: {name}", "n", "name"),
    groupOf: message("Group of {letter}", "letter"),
    namePlaceholder: "a name, if you like",
    sorted: "sorted",
    arrange: "Arrange by group",
    say: message("put {list} in a group", "list"),
    playAndSay: message("play {list} and put them in groups", "list"),
    listenFirst: message("Listen to {letter} first, then choose its group.", "letter"),
  },

  ab: {
    choose: "better",
    chooseOf: message("{letter} is better", "letter"),
    chosen: "chosen",
    neither: "no difference",
    toDo: "choose one",
    listenFirst: message("Listen to {letter} first, then choose.", "letter"),
  },

  abx: {
    choose: "this is X",
    chooseOf: message("{letter} is X", "letter"),
    chosen: "chosen",
    toDo: "choose which one is X",
    listenFirst: message("Listen to {letter} first, then choose.", "letter"),
  },

  category: { scaleOf: message("What {letter} is like", "letter") },

  acr: { labels: ["Excellent", "Good", "Fair", "Poor", "Bad"] },

  dcr: {
    labels: [
      "Degradation is inaudible", "Degradation is audible but not annoying", "Degradation is slightly annoying",
      "Degradation is annoying", "Degradation is very annoying",
    ],
  },

  bs1116: {
    bands: ["very annoying", "annoying", "slightly annoying", "percep\u00adtible, not annoying", "imper\u00adceptible"],
    scaleOf: message("Difference of {letter}", "letter"),
  },

  mushra: {
    bands: ["bad", "poor", "fair", "good", "excellent"],
    scaleOf: message("Quality of {letter}", "letter"),
  },

  finish: {
    title: "Thank you",
    sending: "Sending your last answers. Please keep this page open for a moment.",
    saved: "All your answers are saved. You can close this page.",
    savedBut: message({
      one: "Your answers are saved, except one that could not be counted. It is kept separately, and the study team can see it. You can close this page.",
      other: "Your answers are saved, except {n} that could not be counted. They are kept separately, and the study team can see them. You can close this page.",
    }, "n"),
    notTaken: "Some of your answers could not be sent. They are saved in this browser. Please tell the person who invited you, and try again later using the same link.",
    leaving: message({ one: "You will be taken to {host} in 1 second.", other: "You will be taken to {host} in {s} seconds." }, "host", "s"),
    leave: "Go there now",
    leadsTo: message("Continue to {host}", "host"),
    code: "Your completion code",
    copy: "Copy",
    copied: "copied",
  },

  closed: {
    opens: message("This study opens: {when}. You can leave this page open: it continues by itself.", "when"),
    opensLater: "This study is not open at the moment. You can leave this page open: it continues by itself.",
    over: "This study is over and closed to new participants. Thank you for your interest.",
    taken: "All places are taken at the moment. One may become free: you can leave this page open, and it checks again by itself.",
    full: "This study has all the participants it needs. Thank you for your interest.",
    needsID: "This link does not say who you are",
    needsIDHow: "Use the link exactly as you were given it, or ask the person who sent it.",
  },

  withdrawing: {
    ask: "Stop taking part …",
    title: "Stop taking part?",
    what: "You won't be able to continue afterwards. You don't have to give a reason.",
    /** What becomes of the answers. */
    kept: "Your answers so far will be kept.",
    deleted: "Your answers will be deleted.",
    asked: "Do you want us to keep or delete your answers so far?",
    stop: "Stop taking part",
    keep: "Stop and keep my answers",
    remove: "Stop and delete my answers",
    stay: "Continue",
  },

  leaving: {
    no_consent: { title: "Thank you for coming", why: "You are not taking part, and nothing about you was saved." },
    quota_full: { title: "This study is full", why: "This study has all the participants it needs. Thank you for your interest." },
    withdrawn: { title: "You have stopped", why: "You are no longer taking part. Thank you for your time." },
    screened_out: {
      title: "Thank you for coming",
      why: "This study needs headphones that give each ear its own sound, and the check suggests that this is not so here. That is about devices and rooms, not about your hearing.",
    },
    study_changed: {
      title: "This study has changed since you started, so you can't continue.",
      why: "You did nothing wrong: the study team has changed what the study asks. Your answers are saved. Thank you for your time.",
    },
    close: "There is nothing left to do. You can close this page.",
  },

  saving: {
    saved: "saved",
    saving: "saving …",
    away: "You're offline. Your answers are saved on this device and will be sent.",
    awayUnkept: "You're offline, and this browser can't save your answers. Please keep this page open until they are sent.",
    refused: message({
      one: "One answer could not be accepted. It is kept, and the study team has been told.",
      other: "{n} answers could not be accepted. They are kept, and the study team has been told.",
    }, "n"),
    elsewhere: "You already answered this in another browser. Your first answer counts. This one is kept separately.",
    unkept: "This browser can't save anything between visits. Please keep this page open until the end.",
  },

  trouble: {
    soundNetwork: "A sound is still loading. Your answers are safe, and this page continues as soon as it is here.",
    soundDecode: "Your browser can't play one of the sounds. Try again, or open the same link in another browser.",
    noSoundYet: "No sound yet. Check that your headphones or speakers are connected and turned on.",
    noSound: "No sound comes out of this device. Connect headphones or speakers and check that your browser is not blocking sound, then try again. Your answers are saved. You can also come back later using the same link.",
    unknown: "We don't recognise this link",
    unknownHow: "Check that the link is complete, with nothing missing at its end. If it still does not work, ask the person who sent it for a new one, or start the study from the beginning.",
    toStart: "Go to the start of the study",
    away: "We can't reach the server. This page will keep trying.",
    awayKept: "We can't reach the server. Your answers are saved, and this page continues by itself when the server is back.",
    otherTab: "This study is open in another tab or window",
    otherTabHow: "Continue there, or continue here and close the other one.",
    here: "Continue here",
    failed: "Something went wrong on this page. Your answers are safe. Reload the page to continue where you left off.",
    reload: "Reload",
  },
};
