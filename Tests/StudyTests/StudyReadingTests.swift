import Basics
import Foundation
import Study
import Testing

@Suite("Reading study.yaml")
struct StudyReadingTests {
  @Test("a title and a consent text make a study; everything else has defaults")
  func least() throws {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    #expect(fixture.problems() == [])
    let design = try fixture.load()
    #expect(design.definition.title == "T")
    #expect(design.definition.consent.text == ["en": "Yes"])
    #expect(design.definition.scale == StudyDefinition().scale)
    #expect(design.items.count == 4)
    #expect(design.version.count == 64)
  }

  @Test("every key is read")
  func everything() throws {
    let fixture = try StudyFixture(
      """
      title: All of it
      languages: [en, de]
      texts:
        welcome: {file: "texts/{language}/welcome.md"}
        instructions: {en: Do this, de: {file: texts/anleitung.md}}
        question: {en: "The {condition}?", de: "Die {condition}?"}
        finish: {en: Thanks, de: Danke}
        conditions: {kick: {en: kick, de: Kick}, snare: {en: snare, de: Snare}}
      sounds:
        queries: sounds/queries.csv
        candidates: sounds/candidates.csv
        rankings: sounds/rankings.csv
        query_loudness_lufs: -21.5
        candidate_loudness_lufs: -19
        true_peak_ceiling_dbtp: -2
        sample_rate_hz: 48000
        candidate_max_s: 1.5
      pool: {systems: [mine], top_k: 2, random_fillers: 1, hidden_reference: false, anchor_lowpass_hz: none, max_per_trial: 5}
      trials:
        queries: [loop2, loop1]
        conditions: [kick, snare]
        per_participant: 3
        training: 2
        repeats: 0
        catches: 2
        order: blocked
        seed: 77
        seconds_per_candidate: 4.5
      scale: {kind: likert, min: 1, max: 7, low: {en: no, de: nein}, high: {en: yes, de: ja}, show_value: true}
      consent: {text: {en: C, de: E}, agree: {en: I agree, de: Ja}}
      questionnaire:
        - {id: age, kind: number, text: {en: Age, de: Alter}, required: true, min: 16, max: 99}
        - id: gear
          kind: choices
          text: {en: Gear, de: Technik}
          options: [{value: a, text: {en: A, de: Ä}}, {value: b, text: {en: B, de: Be}}]
      headphones: {check: false, trials: 4, pass: 3, required: true}
      finish: {redirect: "https://panel.example/?id={external_id}"}
      """)
    defer { fixture.remove() }
    try fixture.write("texts/en/welcome.md", "# Hello\n")
    try fixture.write("texts/de/welcome.md", "# Hallo\n")
    try fixture.write("texts/anleitung.md", "So geht es")
    #expect(fixture.problems() == [])
    let study = try fixture.load().definition
    #expect(study.title == "All of it" && study.languages == ["en", "de"])
    #expect(study.texts.welcome == ["en": "# Hello", "de": "# Hallo"])
    #expect(study.texts.instructions == ["en": "Do this", "de": "So geht es"])
    #expect(study.texts.conditions["kick"] == ["en": "kick", "de": "Kick"])
    #expect(study.sounds.queryLoudness == -21.5 && study.sounds.candidateLoudness == -19)
    #expect(study.sounds.truePeakCeiling == -2 && study.sounds.sampleRate == 48000)
    #expect(study.sounds.candidateMaxDuration == 1.5)
    #expect(study.pool.systems == ["mine"] && study.pool.topK == 2 && study.pool.randomFillers == 1)
    #expect(!study.pool.hiddenReference && study.pool.anchorLowpass == nil && study.pool.maxPerTrial == 5)
    #expect(study.trials.queries == ["loop2", "loop1"] && study.trials.conditions == ["kick", "snare"])
    #expect(study.trials.perParticipant == 3 && study.trials.training == 2 && study.trials.repeats == 0)
    #expect(study.trials.catches == 2 && study.trials.order == .blocked && study.trials.seed == 77)
    #expect(study.trials.secondsPerCandidate == 4.5)
    #expect(
      study.scale.kind == .likert && study.scale.minimum == 1 && study.scale.maximum == 7 && study.scale.showValue)
    #expect(study.scale.high == ["en": "yes", "de": "ja"] && study.consent.agree["de"] == "Ja")
    #expect(study.questionnaire.map(\.id) == ["age", "gear"] && study.questionnaire[0].required)
    #expect(study.questionnaire[0].minimum == 16 && study.questionnaire[0].maximum == 99)
    #expect(study.questionnaire[1].kind == .choices && study.questionnaire[1].options[1].text["de"] == "Be")
    #expect(!study.headphones.check && study.headphones.trials == 4 && study.headphones.pass == 3)
    #expect(study.headphones.required && study.finish.redirect == "https://panel.example/?id={external_id}")
  }

  @Test("all problems are reported at once, each with place and fix")
  func all() throws {
    let fixture = try StudyFixture(
      """
      titel: T
      pool:
        top_k: three
        max_per_trial: 99
        systems: [mien]
      trials:
        max_per_trial: 3
        order: shuffeld
        conditions: [kik]
      scale: {kind: likert, max: 100}
      consent: {text: Yes}
      finish: {redirect: "http://x.example"}

      """)
    defer { fixture.remove() }
    #expect(
      fixture.problems() == [
        "study.yaml: error: 'title' is missing. Write it, as in: title: Which drum sounds alike?",
        "study.yaml:1:1: error: there is no key 'titel'. Did you mean 'title'?",
        "study.yaml:3:10: error: 'pool.top_k' is 'three', which is not a whole number. Write a whole number from 0 to 50.",
        "study.yaml:4:18: error: 'pool.max_per_trial' is 99. Write a whole number from 2 to 26.",
        "study.yaml:5:13: error: the system 'mien' has no rankings. Did you mean 'mine'?",
        "study.yaml:7:3: error: there is no key 'trials.max_per_trial'. It belongs elsewhere: pool.max_per_trial.",
        "study.yaml:8:10: error: 'trials.order' is 'shuffeld'. Did you mean 'shuffled'?",
        "study.yaml:9:16: error: no query is asked for 'kik'. Did you mean 'kick'?",
        "study.yaml:10:28: error: a likert scale of 101 points does not fit on a phone. Use at most 11 points, or 'kind: slider'.",
        "study.yaml:12:20: error: 'finish.redirect' is 'http://x.example'. Write a whole address that starts with https://.",
      ])
  }

  /// One invalid line in an otherwise valid study, and its problem.
  @Test(
    "an invalid line is reported",
    arguments: [
      ("scale: 5", "'scale' must be a section of keys"),
      ("scale: {min: 10, max: 5}", "the scale goes from 10 to 5"),
      ("scale: {max: 5}", "warning: a slider of 6 points is coarse"),
      ("scale: {show_value: maybe}", "'scale.show_value' is 'maybe'"),
      ("scale: {low: [a]}", "'scale.low' is a list, not a text"),
      ("scale: {low: }", "'scale.low' is empty, not a text"),
      ("pool: {top_k: \"3\"}", "'pool.top_k' is the text \"3\""),
      ("pool: {top_k: 0}", "no candidate of any system is shown"),
      ("pool: {max_per_trial: 2}", "reference and anchor leave no room"),
      ("pool: {anchor_lowpass_hz: 30}", "'pool.anchor_lowpass_hz' is 30"),
      ("pool: {systems: mine}", "'pool.systems' is 'mine', not a list"),
      ("pool: {systems: [mine, mine]}", "'mine' occurs twice"),
      ("pool: {systems: [reference]}", "'reference' is not a system"),
      ("pool: {random_fillers: 20}", "warning: 4 of 4 items have fewer fillers than asked for"),
      ("pool: {top_k: 6, max_per_trial: 4}", "warning: 4 of 4 items have more candidates than fit on a page"),
      ("pool: {top_k: 7}", "warning: mine ranks fewer than 7 candidates for 4 of 4 items"),
      ("trials: {queries: [lop1]}", "there is no query 'lop1'. Did you mean 'loop1'?"),
      ("trials: {per_participant: 5}", "'trials.per_participant' is 5, but there are 4 items"),
      ("trials: {repeats: 3}", "3 repeats of 4 trials cannot be spaced far enough apart"),
      ("trials: {catches: 5}", "5 catches cannot be spread over 4 trials"),
      ("trials: {training: 5}", "there are 4 items for 5 training trials"),
      ("trials: {seed: -1}", "'trials.seed' is -1"),
      ("languages: []", "'languages' is empty"),
      ("languages: [en, german]", "'german' is not a language code"),
      ("languages: [en, de]", "'texts.welcome' is missing in de"),
      ("texts: {question: \"The {drum}?\"}", "contains '{drum}', which is not a placeholder"),
      ("texts: {question: Alike?}", "warning: the question (en) does not say which of kick, snare is meant"),
      ("texts: {welcome: {file: texts/no.md}}", "there is no file 'texts/no.md'"),
      ("texts: {welcome: {french: Bonjour}}", "a text for 'french', which is not a language of the study"),
      ("texts: {welcome: {fr: Bonjour}}", "warning: a text for 'fr' is not shown: it is not a language of the study"),
      ("texts: {conditions: {kik: kick}}", "no query is asked for 'kik'. Did you mean 'kick'?"),
      ("questionnaire: {id: a}", "'questionnaire' is not a list"),
      ("questionnaire: [{id: state, text: T}]", "'state' is a column that participants.csv already has"),
      ("questionnaire: [{id: My Age, text: T}]", "'My Age' cannot name a column"),
      ("questionnaire: [{id: a, text: T}, {id: a, text: U}]", "'a' is the id of two questions"),
      ("questionnaire: [{id: a, kind: choice, text: T}]", "the question has no options"),
      ("questionnaire: [{id: a, text: T, options: [x, y]}]", "a question of kind 'text' has no options"),
      ("questionnaire: [{id: a, kind: choice, text: T, options: [x, x]}]", "two options have the same value"),
      ("questionnaire: [{id: a, kind: choice, options: [x, y], text: T, min: 3}]", "'choice' has no 'min'"),
      ("questionnaire: [{id: a, kind: number, text: T, min: 3, max: 2}]", "'min' is above 'max'"),
      ("questionnaire: [{id: a}]", "'questionnaire[0].text' is missing"),
      ("headphones: {trials: 3, pass: 4}", "'headphones.pass' is 4, but there are 3 rounds"),
      ("finish: {redirect: \"https://x.example/{name}\"}", "contains '{name}', which is not a placeholder"),
      ("sounds: {queries: sounds/q.csv}", "there is no table 'sounds/q.csv'"),
      ("title: U", "'title' occurs twice"),
      ("texts: {", "this is not YAML"),
    ])
  func wrong(line: String, told: String) throws {
    let fixture = try StudyFixture("title: T\nconsent: {text: Yes}\n\(line)\n")
    defer { fixture.remove() }
    let problems = fixture.problems()
    #expect(problems.contains { $0.contains(told) }, "\(problems.joined(separator: "\n"))")
    #expect(problems.allSatisfy { $0.hasPrefix("study.yaml") })
  }

  @Test("aliases that multiply, as values or as keys, and very deep nesting are refused quickly")
  func bounded() throws {
    let base = "title: T\nconsent: {text: Yes}\n"
    let values = (1...40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined()
    let keys = (1...40).map { "a\($0): &a\($0) {? *a\($0 - 1) : *a\($0 - 1)}\n" }.joined()
    for text in [values, keys] {
      let problems = try StudyFixture(base + "a0: &a0 [x, y]\n" + text).problems()
      #expect(problems.count == 1 && problems[0].contains("repeat more than 100000 values"), "\(problems)")
    }
    for text in [String(repeating: "[", count: 200), String(repeating: "{a: ", count: 200)] {
      let problems = try StudyFixture(base + "x: " + text).problems()
      #expect(problems.count == 1 && problems[0].contains("100 deep"), "\(problems)")
    }
    // Using a section twice is a legitimate use of aliases.
    let twice =
      base + "questionnaire:\n  - {id: a, kind: choice, text: A, options: &all [x, y]}\n"
      + "  - {id: b, kind: choice, text: B, options: *all}\n"
    #expect(try StudyFixture(twice).problems().isEmpty)
  }

  @Test("a missing or empty study.yaml is reported with a fix")
  func none() throws {
    let fixture = try StudyFixture()
    defer { fixture.remove() }
    try fixture.write("study.yaml", "")
    #expect(fixture.problems().first?.hasPrefix("study.yaml:1: error: the file is empty") == true)
    try FileManager.default.removeItem(at: fixture.folder.appending(path: "study.yaml"))
    #expect(fixture.problems().first?.contains("earshot new NAME") == true)
  }
}
