/** @param {number} n */
const minutes = (n) => (n === 1 ? "1 Minute" : `${n} Minuten`);

/** @type {Words} */
const de = {
  language: "de",
  loading: "Lädt …",
  next: "Weiter",
  begin: "Beginnen",
  goOn: "Weiter",
  tryAgain: "Noch einmal versuchen",

  welcome: {
    facts: (m, trials) => `Etwa ${minutes(m)} · ${trials} kurze ${trials === 1 ? "Hörseite" : "Hörseiten"} · bitte mit Kopfhörern`,
    consent: "Einwilligung",
    languages: "Sprache",
    tickFirst: "bitte zuerst das Kästchen ankreuzen",
    closed: "Diese Studie nimmt zurzeit niemanden mehr auf. Danke für Ihren Besuch.",
    begunHere: "Sie haben diese Studie auf diesem Gerät begonnen.",
    continueThere: "Dort weitermachen",
    begunElsewhere: "Ich habe schon begonnen: weitermachen",
    finishedHere: "Sie haben diese Studie auf diesem Gerät abgeschlossen.",
    lastPage: "Letzte Seite noch einmal zeigen",
    finishedBefore: "Sie haben schon teilgenommen",
    finishedBeforeWhy: "Alle Ihre Antworten sind gespeichert, und es ist nichts mehr zu tun. Danke fürs Hören. Wenn Sie noch brauchen, was auf der letzten Seite stand, öffnen Sie diesen Link auf dem Gerät, auf dem Sie fertig geworden sind, oder fragen Sie, wer Sie eingeladen hat.",
    preview: "Das sieht nach der Vorschau der Aufgabe aus. Nehmen Sie die Aufgabe zuerst an und kommen Sie über deren Link wieder, damit Ihre Arbeit gutgeschrieben werden kann.",
    someoneElse: "oder unten als jemand anderes beginnen",
    joining: "Beginnt …",
  },

  preview: {
    note: (participant) => `Vorschau: die Sitzung der Person ${participant}. Nichts wird gespeichert.`,
    jump: "Gehe zu …",
  },

  questionnaire: {
    title: "Über Sie",
    optional: "freiwillig",
    answerFirst: (n) => (n === 1 ? "eine Antwort fehlt noch" : `${n} Antworten fehlen noch`),
    required: "Bitte beantworten Sie diese Frage.",
    numberBetween: (low, high) => `Bitte geben Sie eine Zahl von ${low} bis ${high} an.`,
    numberFrom: (low) => `Bitte geben Sie eine Zahl ab ${low} an.`,
    numberTo: (high) => `Bitte geben Sie eine Zahl bis ${high} an.`,
    number: "Bitte geben Sie eine Zahl an.",
    several: "Mehrere Antworten sind möglich",
    choose: (least, most) => (
      most === null ? `Wählen Sie mindestens ${least}` : least < 2 ? `Wählen Sie bis zu ${most}` : least === most ? `Wählen Sie ${least}` : `Wählen Sie ${least} bis ${most}`),
    or: "oder",
    length: (n, least, most) => (
      n < least ? `${n} von mindestens ${least} Zeichen` : most === null ? `${n} Zeichen` : `${n} von ${most} Zeichen`),
    tooShort: (least) => `Bitte schreiben Sie mindestens ${least} Zeichen.`,
    tooLong: (n, most) => `Bitte kürzen Sie dies: Es hat ${n} Zeichen, Platz ist für ${most}.`,
    point: (at, low, high, least, most) => (
      at === low && least ? `${at}, ${least}` : at === high && most ? `${at}, ${most}` : `${at}`),
    date: "Bitte geben Sie ein ganzes Datum an.",
    dateBetween: (first, last) => (
      first && last ? `Bitte geben Sie ein Datum vom ${first} bis zum ${last} an.` : first ? `Bitte geben Sie ein Datum ab dem ${first} an.` : `Bitte geben Sie ein Datum bis zum ${last} an.`),
  },

  volume: {
    title: "Lautstärke einstellen",
    why: "Alle späteren Klänge sind so laut wie dieser; einmal einstellen genügt also.",
    how: "Setzen Sie die Kopfhörer auf und spielen Sie den Loop ab. Stellen Sie Ihr Gerät so ein, dass er angenehm und deutlich klingt, und lassen Sie es dann so.",
    play: "Den Loop abspielen",
    stop: "Den Loop anhalten",
    playFirst: "bitte zuerst den Loop abspielen",
  },

  headphones: {
    title: "Kopfhörer",
    why: "Diese kurze Prüfung zeigt uns, ob die Klänge jedes Ohr so erreichen, wie sie sollen.",
    how: "Jede Runde spielt drei Klänge nacheinander. Welcher davon ist der leiseste?",
    round: (i, n) => `Runde ${i} von ${n}`,
    play: "Die drei Klänge abspielen",
    stop: "Anhalten",
    quietest: "Am leisesten war der …",
    options: ["erste", "zweite", "dritte"],
    playFirst: "bitte zuerst die Klänge abspielen",
    chooseFirst: "bitte zuerst einen wählen",
    notPassed: "Danke für Ihren Besuch",
    notPassedWhy: "Diese Studie braucht Klänge, die jedes Ohr für sich erreichen, und die Prüfung sagt, dass sie das hier nicht tun. Das liegt an Geräten und Räumen, nicht an Ihren Ohren. Sie können diese Seite schließen.",
  },

  instructions: { title: "So geht es" },

  break: { title: "Eine Pause", wait: (s) => `In ${s} s geht es weiter.` },

  feedback: { right: "Das war richtig.", wrong: "Das war nicht richtig. Lassen Sie sich Zeit." },

  trial: {
    number: (i, n) => `Durchgang ${i} von ${n}`,
    practice: (i, n) => (n > 1 ? `Übung ${i} von ${n}` : "Übung"),
    practiceNote: "Übung: Probieren Sie alles aus, diese Seite zählt nicht.",
    countsNow: "Ab hier zählt es.",
    left: (m) => (m < 1 ? "weniger als eine Minute" : `noch etwa ${minutes(m)}`),
    loop: "der Loop",
    repeats: "wiederholt sich",
    playLoop: "Den Loop abspielen",
    stopLoop: "Den Loop anhalten",
    play: (letter) => `${letter} abspielen`,
    stop: (letter) => `${letter} anhalten`,
    compare: "Vergleichen",
    compareHint: "Loop → Klang",
    sort: "Nach Wertung ordnen",
    notRated: "noch nicht bewertet",
    notHeard: "noch nicht gehört",
    heard: "gehört",
    rated: "bewertet",
    playsLeft: (n) => (n < 1 ? "ausgehört" : n === 1 ? "noch einmal hören" : `noch ${n}-mal hören`),
    spent: (letter) => `${letter} können Sie nicht noch einmal hören.`,
    comment: "Ihre Anmerkungen",
    scaleOf: (letter) => `Ähnlichkeit von ${letter}`,
    outOf: (value, high) => `${value} von ${high}`,
    listenFirst: (letter) => `Hören Sie ${letter} bitte zuerst an, dann bewerten Sie.`,
    missing: { loop: "den Loop", listen: (list) => `${list} anhören`, rate: (list) => `${list} bewerten`, and: " und ", first: (what) => `bitte zuerst ${what}` },
    keysLine: [["Leertaste", "Loop"], ["A–{last}", "Klänge"], ["← →", "bewerten"], ["Enter", "weiter"], ["?", "Tasten"]],
    keysTitle: "Tasten",
    keys: (last) => [
      ["Leertaste", "den Loop abspielen oder anhalten"],
      [`A – ${last}`, "einen Klang abspielen; seine Skala ist dann für die Pfeile bereit"],
      [`Umschalt + A – ${last}`, "Loop, dann Klang (oder nur den Klang, wenn Vergleichen an ist)"],
      ["← → ↑ ↓", "die Skala bewegen"],
      ["Umschalt + Pfeil", "in großen Schritten"],
      ["Pos1, Ende", "an die Enden der Skala"],
      ["Enter", "weiter, wenn alles bewertet ist"],
      ["Esc", "allen Klang anhalten"],
    ],
    close: "Schließen",
  },

  triplet: {
    choose: "näher",
    chooseOf: (letter) => `${letter} ist näher`,
    chosen: "gewählt",
    missing: "wählen Sie den näheren",
    listenFirst: (letter) => `Hören Sie erst ${letter} an, dann wählen Sie.`,
    keysLine: [["Leertaste", "Loop"], ["A, {last}", "Klänge"], ["← →", "wählen"], ["Enter", "weiter"], ["?", "Tasten"]],
    keys: (last) => [
      ["Leertaste", "den Loop abspielen oder anhalten; auf einer Wahl: sie treffen"],
      [`A, ${last}`, "einen Klang abspielen; seine Wahl ist dann bereit"],
      [`Umschalt + A, ${last}`, "Loop, dann Klang (oder nur den Klang, wenn Vergleichen an ist)"],
      ["← → ↑ ↓", "den anderen wählen"],
      ["Enter", "weiter, wenn einer gewählt ist"],
      ["Esc", "allen Klang anhalten"],
    ],
  },

  region: {
    start: "Anfang des Abschnitts",
    end: "Ende des Abschnitts",
    at: (share) => `${Math.round(share * 100)} Prozent`,
  },

  versions: {
    loop: "die Referenz",
    repeats: "wechselt an Ort und Stelle",
    playLoop: "Referenz abspielen",
    stopLoop: "Referenz anhalten",
    missing: { loop: "die Referenz", listen: (list) => `${list} anhören`, rate: (list) => `${list} bewerten`, and: " und ", first: (what) => `bitte zuerst ${what}` },
  },

  set: {
    loop: "X",
    repeats: "",
    playLoop: "X abspielen",
    stopLoop: "X anhalten",
    compareHint: "X → Klang",
    missing: { loop: "X", listen: (list) => `${list} anhören`, rate: (list) => `${list} bewerten`, and: " und ", first: (what) => `bitte zuerst ${what}` },
  },

  tripletOfSet: {
    keysLine: [["Leertaste", "X"], ["A, {last}", "Klänge"], ["← →", "wählen"], ["Enter", "weiter"], ["?", "Tasten"]],
    keys: (last) => [
      ["Leertaste", "X abspielen oder anhalten; auf einer Wahl: sie treffen"],
      [`A, ${last}`, "einen Klang abspielen; seine Wahl ist dann bereit"],
      [`Umschalt + A, ${last}`, "X, dann der Klang (oder nur der Klang, wenn Vergleichen an ist)"],
      ["← → ↑ ↓", "den anderen wählen"],
      ["Enter", "weiter, wenn einer gewählt ist"],
      ["Esc", "allen Klang anhalten"],
    ],
  },

  oddOneOut: {
    choose: "passt nicht dazu",
    chooseOf: (letter) => `${letter} passt nicht dazu`,
    chosen: "gewählt",
    missing: "wählen, was nicht dazu passt",
    listenFirst: (letter) => `Hören Sie zuerst ${letter} an, dann wählen Sie.`,
    keysLine: [["Leertaste", "abspielen, anhalten"], ["A–{last}", "Klänge"], ["← →", "wählen"], ["Enter", "weiter"], ["?", "Tasten"]],
    keys: (last) => [
      ["Leertaste", "das zuletzt Gehörte abspielen oder anhalten; auf einer Wahl: sie treffen"],
      [`A – ${last}`, "einen Klang abspielen; seine Wahl ist dann bereit"],
      ["← → ↑ ↓", "einen anderen wählen"],
      ["Enter", "weiter, sobald einer gewählt ist"],
      ["Esc", "alles anhalten"],
    ],
  },

  pairwise: {
    scale: "Wie ähnlich sie sind",
    missing: "bewerten, wie ähnlich sie sind",
    listenFirst: (letter) => `Hören Sie zuerst ${letter} an, dann bewerten Sie.`,
    keysLine: [["Leertaste", "abspielen, anhalten"], ["A, {last}", "Klänge"], ["← →", "bewerten"], ["Enter", "weiter"], ["?", "Tasten"]],
    keys: (last) => [
      ["Leertaste", "das zuletzt Gehörte abspielen oder anhalten"],
      [`A, ${last}`, "einen Klang abspielen; die Skala ist dann für die Pfeile bereit"],
      ["← → ↑ ↓", "die Skala bewegen"],
      ["Umschalt + Pfeil", "in großen Schritten"],
      ["Pos1, Ende", "an die Enden der Skala"],
      ["Enter", "weiter, sobald das Paar bewertet ist"],
      ["Esc", "alles anhalten"],
    ],
  },

  ccr: {
    scale: "B, verglichen mit A",
    labels: ["Viel besser", "Besser", "Etwas besser", "Etwa gleich", "Etwas schlechter", "Schlechter", "Viel schlechter"],
    missing: "wählen, wie B klingt",
    listenFirst: (letter) => `Hören Sie zuerst ${letter} an, dann wählen Sie.`,
    keysLine: [["Leertaste", "abspielen, anhalten"], ["A, {last}", "Fassungen"], ["↑ ↓", "wählen"], ["Enter", "weiter"], ["?", "Tasten"]],
    keys: (last) => [
      ["Leertaste", "das zuletzt Gehörte abspielen oder anhalten; auf einem Wort: es wählen"],
      [`A, ${last}`, "zu einer Fassung wechseln; die Wörter sind dann bereit"],
      ["← → ↑ ↓", "andere Wörter wählen"],
      ["Enter", "weiter, sobald etwas gewählt ist"],
      ["Esc", "alles anhalten"],
    ],
  },

  rank: {
    put: (n) => `Auf Platz ${n}`,
    putOf: (letter, n) => `${letter} auf Platz ${n}`,
    place: (n) => `${n}.`,
    placed: "eingeordnet",
    listenFirst: (letter) => `Hören Sie zuerst ${letter} an, dann ordnen Sie es ein.`,
    up: (letter) => `${letter} nach oben`,
    down: (letter) => `${letter} nach unten`,
    missing: (list) => `${list} einordnen`,
    versions: { repeats: "wechselt an Ort und Stelle" },
    keysLine: [["Leertaste", "abspielen, anhalten"], ["A–{last}", "Klänge"], ["↑ ↓", "einordnen"], ["Enter", "weiter"], ["?", "Tasten"]],
    keys: (last) => [
      ["Leertaste", "womit verglichen wird oder das zuletzt Gehörte abspielen oder anhalten; auf einem Knopf: ihn drücken"],
      [`A – ${last}`, "einen Klang abspielen; die Pfeile bewegen ihn dann"],
      ["↑ ↓", "auf den nächsten Platz; danach nach oben oder unten"],
      ["Enter", "weiter, sobald alle eingeordnet sind; auf einem Knopf: ihn drücken"],
      ["Esc", "alles anhalten"],
    ],
  },

  sort: {
    choose: "Gruppe wählen",
    fresh: "eine neue Gruppe",
    group: (n) => `Gruppe ${n}`,
    groupNamed: (n, name) => `${n}: ${name}`,
    groupOf: (letter) => `Gruppe von ${letter}`,
    namePlaceholder: "ein Name, wenn Sie mögen",
    sorted: "eingeordnet",
    arrange: "Nach Gruppen ordnen",
    missing: (list) => `${list} in eine Gruppe legen`,
    listenFirst: (letter) => `Hören Sie zuerst ${letter} an, dann wählen Sie die Gruppe.`,
    keysLine: [["Leertaste", "abspielen, anhalten"], ["A–{last}", "Klänge"], ["↑ ↓", "wählen"], ["?", "Tasten"]],
    keys: (last) => [
      ["Leertaste", "das zuletzt Gehörte abspielen oder anhalten; auf einer Gruppe: die Liste öffnen"],
      [`A – ${last}`, "einen Klang abspielen; seine Gruppe ist dann bereit"],
      ["↑ ↓", "eine andere Gruppe wählen"],
      ["Esc", "alles anhalten"],
    ],
  },

  ab: {
    choose: "besser",
    chooseOf: (/** @type {string} */ letter) => `${letter} ist besser`,
    chosen: "gewählt",
    neither: "kein Unterschied",
    missing: "eine Fassung wählen",
    listenFirst: (/** @type {string} */ letter) => `Hören Sie zuerst ${letter} an, dann wählen Sie.`,
    keysLine: [["Leertaste", "abspielen, anhalten"], ["A, {last}", "Fassungen"], ["← →", "wählen"], ["Enter", "weiter"], ["?", "Tasten"]],
    keys: (/** @type {string} */ last) => [
      ["Leertaste", "die Referenz oder das zuletzt Gehörte abspielen oder anhalten; auf einer Wahl: sie treffen"],
      [`A, ${last}`, "zu einer Fassung wechseln; ihre Wahl ist dann bereit"],
      ["← → ↑ ↓", "die andere wählen"],
      ["Enter", "weiter, sobald etwas gewählt ist"],
      ["Esc", "alles anhalten"],
    ],
  },

  abx: {
    choose: "das ist X",
    chooseOf: (/** @type {string} */ letter) => `${letter} ist X`,
    chosen: "gewählt",
    missing: "wählen, was X ist",
    listenFirst: (/** @type {string} */ letter) => `Hören Sie zuerst ${letter} an, dann wählen Sie.`,
    words: {
      loop: "X",
      playLoop: "X abspielen",
      stopLoop: "X anhalten",
      missing: { loop: "X", listen: (/** @type {string} */ list) => `${list} anhören`, rate: (/** @type {string} */ list) => `${list} bewerten`, and: " und ", first: (/** @type {string} */ what) => `bitte zuerst ${what}` },
    },
    keysLine: [["Leertaste", "X"], ["A, {last}", "Fassungen"], ["← →", "wählen"], ["Enter", "weiter"], ["?", "Tasten"]],
    keys: (/** @type {string} */ last) => [
      ["Leertaste", "X abspielen oder anhalten; auf einer Wahl: sie treffen"],
      [`A, ${last}`, "zu einer Fassung wechseln; ihre Wahl ist dann bereit"],
      ["← → ↑ ↓", "die andere wählen"],
      ["Enter", "weiter, sobald eine gewählt ist"],
      ["Esc", "alles anhalten"],
    ],
  },

  category: {
    scaleOf: (/** @type {string} */ letter) => `Wie ${letter} ist`,
    keysLine: [["Leertaste", "abspielen, anhalten"], ["A", "der Klang"], ["↑ ↓", "wählen"], ["Enter", "weiter"], ["?", "Tasten"]],
    keys: (/** @type {string} */ last) => [
      ["Leertaste", "die Referenz oder den Klang abspielen oder anhalten; auf einem Wort: es wählen"],
      [last, "den Klang abspielen; seine Wörter sind dann bereit"],
      ["← → ↑ ↓", "ein anderes Wort wählen"],
      ["Enter", "weiter, sobald ein Wort gewählt ist"],
      ["Esc", "alles anhalten"],
    ],
  },

  acr: { labels: ["Ausgezeichnet", "Gut", "Ordentlich", "Dürftig", "Schlecht"] },

  dcr: {
    labels: [
      "Verschlechterung unhörbar", "Verschlechterung hörbar, aber nicht störend", "Verschlechterung etwas störend",
      "Verschlechterung störend", "Verschlechterung sehr störend",
    ],
  },

  bs1116: {
    bands: ["sehr störend", "störend", "etwas störend", "hörbar, nicht störend", "unhörbar"],
    scaleOf: (/** @type {string} */ letter) => `Unterschied von ${letter}`,
  },

  mushra: {
    bands: ["schlecht", "dürftig", "ordentlich", "gut", "ausge\u00adzeichnet"],
    scaleOf: (/** @type {string} */ letter) => `Qualität von ${letter}`,
    keysLine: [["Leertaste", "Referenz"], ["A–{last}", "Fassungen"], ["← →", "bewerten"], ["Enter", "weiter"], ["?", "Tasten"]],
    keys: (/** @type {string} */ last) => [
      ["Leertaste", "die Referenz abspielen oder anhalten"],
      [`A – ${last}`, "an Ort und Stelle zu einer Fassung wechseln; ihre Skala ist dann bereit für die Pfeile"],
      ["← → ↑ ↓", "die Skala bewegen"],
      ["Umschalt + Pfeil", "in großen Schritten bewegen"],
      ["Pos1, Ende", "an die Enden der Skala"],
      ["← → auf der Linie", "die Enden des Abschnitts bewegen"],
      ["Enter", "weiter, sobald alles bewertet ist"],
      ["Esc", "alles anhalten"],
    ],
  },

  finish: {
    title: "Vielen Dank",
    sending: "Ihre letzten Antworten sind unterwegs. Bitte lassen Sie diese Seite noch einen Moment offen.",
    saved: "Alle Ihre Antworten sind gespeichert. Sie können diese Seite schließen.",
    savedBut: (n) => `Ihre Antworten sind gespeichert, bis auf ${n === 1 ? "eine, die" : `${n}, die`} nicht zählt${n === 1 ? "" : "en"}: Sie ${n === 1 ? "ist" : "sind"} getrennt aufgehoben, und das Team der Studie kann sie sehen. Sie können diese Seite schließen.`,
    notTaken: "Einige Ihrer Antworten ließen sich nicht übergeben. Sie sind in diesem Browser aufgehoben. Bitte sagen Sie denen Bescheid, die Sie eingeladen haben, und versuchen Sie es später über denselben Link noch einmal.",
    leaving: (host, s) => `In ${s} s geht es weiter zu ${host}.`,
    leave: "Jetzt dorthin",
  },

  saving: {
    saved: "gespeichert",
    saving: "speichert …",
    away: "Das Netz ist weg. Ihre Antworten sind hier aufgehoben und werden gesendet.",
    awayUnkept: "Das Netz ist weg, und dieser Browser merkt sich nichts. Bitte lassen Sie diese Seite offen, bis Ihre Antworten gesendet sind.",
    refused: (n) => (n === 1 ? "Der Server hat eine Antwort nicht angenommen. Sie ist aufgehoben, und das Team der Studie weiß davon."
      : `Der Server hat ${n} Antworten nicht angenommen. Sie sind aufgehoben, und das Team der Studie weiß davon.`),
    elsewhere: "Das wurde schon in einem anderen Browser beantwortet. Die erste Antwort zählt; die zweite ist getrennt aufgehoben.",
    unkept: "Dieser Browser merkt sich nichts. Bitte lassen Sie diese Seite bis zum Ende offen.",
  },

  trouble: {
    soundNetwork: "Ein Klang ist noch nicht da. Ihre Antworten sind sicher; sobald er kommt, geht es weiter.",
    soundDecode: "Dieser Browser konnte einen Klang nicht lesen.",
    noSoundYet: "Noch kein Klang. Sind Kopfhörer oder Lautsprecher angeschlossen und eingeschaltet?",
    noSound: "Aus diesem Gerät kommt kein Klang. Schließen Sie Kopfhörer oder Lautsprecher an und versuchen Sie es noch einmal. Ihre Antworten sind aufgehoben; Sie können auch später über denselben Link wiederkommen.",
    changed: "Die Studie wurde geändert, nachdem Sie begonnen haben, und geht hier nicht weiter.",
    changedHow: "Was Sie geantwortet haben, ist aufgehoben. Bitte fragen Sie die, die Sie eingeladen haben, nach einem neuen Link.",
    unknown: "Dieser Link ist hier nicht bekannt.",
    unknownHow: "Bitte prüfen Sie, ob er vollständig ist, oder fragen Sie nach.",
    away: "Der Server ist nicht erreichbar. Diese Seite versucht es von selbst wieder.",
    awayKept: "Der Server ist nicht erreichbar. Was Sie geantwortet haben, ist aufgehoben; sobald er wieder da ist, geht diese Seite von selbst weiter.",
    otherTab: "Dieser Hörversuch ist in einem anderen Tab oder Fenster offen.",
    otherTabHow: "Machen Sie dort weiter, oder hier, und lassen Sie den anderen.",
    here: "Hier weitermachen",
    failed: "Auf dieser Seite ist etwas schiefgegangen. Ihre Antworten sind sicher; nach dem Neuladen geht es dort weiter, wo Sie waren.",
    reload: "Neu laden",
  },
};

export default de;
