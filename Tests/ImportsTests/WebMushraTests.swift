import Basics
import Foundation
import Imports
import Study
import TestSupport
import Testing
import Trials

@Suite("Configurations of webMUSHRA")
struct WebMushraTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let sounds = folder.url.appending(path: "audio")
    for place in [sounds, folder.url.appending(path: "configs")] {
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    }
    for name in ["ref", "c1", "c2", "c3"] {
      try Data(name.utf8).write(to: sounds.appending(path: "\(name).wav"))
    }
  }

  private static let stimuli = "stimuli: {C1: audio/c1.wav, C2: audio/c2.wav, C3: audio/c3.wav}"
  private static let finish =
    "\n  - {type: finish, name: Thank you, content: Thank you for attending, writeResults: true}"
  private static let two = "response: [{value: no, label: Not at all, img: off.png}, {value: yes, label: Much}]"
  private static let four =
    "response: [{value: a, label: Not at all}, {value: b, label: Not a lot}, {value: c, label: A bit}, {value: d, label: Much}]"

  private static func page(_ type: String, _ more: String, id: String = "trial1") -> String {
    "\n  - {type: \(type), id: \(id), name: A trial, content: test description, reference: audio/ref.wav, \(more)\(more.isEmpty ? "" : ", ")\(stimuli)}"
  }

  private func config(_ pages: String, top: String = "") throws -> URL {
    let url = folder.url.appending(path: "configs/test.yaml")
    let head =
      "testname: A Test\ntestId: my_test\nbufferSize: 2048\nstopOnErrors: true\nremoteService: service/write.php\n"
    try Data("\(head)\(top)pages:\(pages)\n".utf8).write(to: url)
    return url
  }

  @Test("questions whose names have no Latin letters are all kept, and options are text")
  func namesOfQuestions() throws {
    let finish = """

        - type: finish
          name: Thank you
          questionnaire:
            - {type: text, name: 年龄, label: Age}
            - {type: likert, name: 性别, label: Gender, response: [{value: f, label: "<i>F</i> & co"}, {value: m, label: M}]}
      """
    let read = try WebMushra(config(Self.page("mushra", "") + finish))
    #expect(read.draft.questionnaire.map(\.id) == ["x", "x_2"])
    #expect(read.draft.questionnaire[1].options.first?.text["en"]?.contains("<i>") == false)
  }

  @Test("a change of the order of pages is told")
  func order() throws {
    let pages =
      Self.page("mushra", "", id: "training") + Self.page("preference_test", "", id: "between")
      + "\n  - [random"
      + ["m1", "m2"].map { id in
        ", {type: mushra, id: \(id), name: A trial, content: test description, reference: audio/ref.wav, \(Self.stimuli)}"
      }.joined() + "]"
    let notes = try WebMushra(config(pages + Self.finish)).notes.map(\.what)
    #expect(notes.contains("'m1' and the pages before it are all shuffled, though some of them are not in the file"))
    #expect(notes.contains("'m1' is moved before pages of another type, to the earlier pages of its own"))
  }

  /// The study that Earshot reads from the import.
  private func study(_ read: WebMushra) throws -> StudyReading {
    let study = folder.url.appending(path: "study")
    try? FileManager.default.removeItem(at: study)
    try read.draft.write(to: study) { file, _ in file.path }
    return StudyReading(folder: study)
  }

  /// Configurations in the forms of webMUSHRA's documentation and examples: their pages, the types of blocks with their
  /// number of pages, and what is reported.
  static let forms: [(pages: String, blocks: [String: Int], told: [String])] = [
    (
      page("mushra", "showWaveform: true, enableLooping: true, createAnchor35: true, createAnchor70: true"),
      ["mushra": 1], ["no waveform is shown"]
    ),
    (page("mushra", "showWaveform: false, enableLooping: false"), ["mushra": 1], []),
    (page("mushra", "showWaveform: true, enableLooping: false, createAnchor70: true"), ["mushra": 1], []),
    (
      page("mushra", "randomize: false, showConditionNames: true"), ["mushra": 1],
      ["balanced order nevertheless", "names of the conditions are not shown"]
    ),
    (page("mushra", "strict: false") + page("mushra", "", id: "trial2"), ["mushra": 2], []),
    (
      page("mushra", "createAnchor35: true") + page("mushra", "", id: "trial2"), ["mushra": 2],
      ["the anchors of 'trial2' are those of earlier pages"]
    ),
    (
      "\n  -\n    - random\n    - {type: mushra, id: a, reference: audio/ref.wav, \(stimuli)}\n    - {type: mushra, id: b, reference: audio/ref.wav, \(stimuli)}",
      ["mushra": 2], []
    ),
    (page("bs1116", "showWaveform: true, enableLooping: true"), ["bs1116": 3], []),
    (page("bs1116", "showWaveform: false, createAnchor35: true"), ["bs1116": 3], ["has no anchors"]),
    (
      page("paired_comparison", "unforced: , showWaveform: true, enableLooping: false"), ["abx": 12],
      ["X is the reference or the version"]
    ),
    (page("paired_comparison", "unforced: I do not know"), ["abx": 12], ["'I do not know' cannot be answered"]),
    (page("preference_test", "numPerTrial: 2"), ["ab": 3], []),
    (page("preference_test", "numPerTrial: 3"), ["ab": 3], ["a page shows two versions"]),
    (page("ranking", "randomize: true, showResetButton: true"), ["rank": 1], []),
    (page("ranking", "") + page("ranking", "", id: "trial2"), ["rank": 2], []),
    (
      page("likert_single_stimulus", "mustRate: true, \(two)").replacing("reference: audio/ref.wav, ", with: ""),
      ["acr": 3], []
    ),
    (
      page("likert_single_stimulus", "mustPlayback: ended, mustRate: true, \(four)").replacing(
        "reference: audio/ref.wav, ", with: ""), ["acr": 3], []
    ),
    (
      page("likert_single_stimulus", two) + page("likert_single_stimulus", four, id: "lss2"), ["acr": 4],
      ["'lss2' is left out"]
    ),
    (page("likert_multi_stimulus", two), ["acr": 4], ["each sound has its own page", "each sound must be rated"]),
    (
      page(
        "likert_single_stimulus",
        "response: [[{value: a, label: A}, {value: b, label: B}], [{value: c}, {value: d}, {value: e}]]"), ["acr": 4],
      []
    ),
    (
      "\n  - {type: generic, id: x, name: Welcome, content: '<p>Hello</p>'}\n  - {type: consent, id: c, name: Consent, mustConsent: true, content: 'Do you <b>agree</b>?'}\n  - {type: volume, id: v, name: Volume, content: Please adjust, stimulus: audio/c1.wav, defaultVolume: 0.5}"
        + page("mushra", ""), ["mushra": 1], ["the volume is set with a sound of the study"]
    ),
    (
      "\n  - {type: headphones_screen, id: h, repetitions: 6, target: audio/c1.wav}" + page("mushra", ""),
      ["mushra": 1], ["headphone check is Earshot's own"]
    ),
    (
      "\n  - {type: spatial, id: s, localization: true}" + page("mushra", ""), ["mushra": 1],
      ["a page of the type 'spatial' is left out. Earshot cannot ask where a sound seems"]
    ),
    ("\n  - {type: musrha, id: s}" + page("mushra", ""), ["mushra": 1], ["Did you mean 'mushra'?"]),
    (
      "\n  - - random\n    - - {type: generic, id: g, name: First, content: BS}\n      - {type: bs1116, id: b, reference: audio/ref.wav, \(stimuli)}\n    - - {type: generic, id: h, name: Second, content: AB}\n      - {type: paired_comparison, id: p, reference: audio/ref.wav, \(stimuli)}\n  - {type: mushra, id: m, reference: audio/ref.wav, \(stimuli)}",
      ["bs1116": 3, "abx": 12, "mushra": 1], []
    ),
  ]

  @Test("configurations become studies that run, and changes are reported with their line", arguments: 0..<forms.count)
  func form(index: Int) throws {
    let (pages, blocks, told) = Self.forms[index]
    let read = try WebMushra(config(pages + Self.finish))
    let reading = try study(read)
    #expect(reading.errors.map(\.description) == [], "\(pages)")
    let design = try #require(reading.design)
    let made = Dictionary(uniqueKeysWithValues: zip(design.definition.runs.map(\.type), design.blocks.map(\.count)))
    #expect(made == blocks)
    let notes = read.notes.map(\.description).joined(separator: "\n")
    for one in told { #expect(notes.contains(one), "\(one): \(notes)") }
    #expect(
      read.notes.allSatisfy {
        $0.place?.line != nil || $0.what.contains("consent") || $0.what.contains("say")
          || $0.what.contains("all blocks")
      })
    // Each listener is asked every page, and no others.
    let asked = zip(design.definition.runs, design.blocks).flatMap { _, pages in pages }
    #expect(design.plan(participant: 1).trials.count == asked.count)
  }

  @Test("questions, texts and order are imported")
  func whole() throws {
    let pages =
      """

        - {type: generic, id: w, name: Welcome, content: "<h2>Hello</h2><p>You &amp; <b>we</b> &lt;3 *sound*.<br/>Go <a href='https://x.org/a'>here</a>.</p><ul><li>one<li>two</ul><script>x()</script>"}
        - {type: generic, id: i, name: How it works, content: Listen well.}
      """ + Self.page("mushra", "createAnchor35: true") + """

          - type: finish
            name: Thank you
            content: Goodbye
            showResults: true
            questionnaire:
              - {type: text, label: eMail, name: email, optional: false}
              - {type: number, label: Age, name: age, min: 0, max: 100, default: 30, optional: true}
              - {type: likert, name: gender, label: Gender, response: [{value: f, label: Female}, {value: o, label: Other}]}
              - {type: long_text, label: Feedback, name: language, optional: true}
              - {type: tarot, name: card}
        """
    let read = try WebMushra(config(pages, top: "language: de\nshowButtonPreviousPage: true\n"))
    let reading = try study(read)
    #expect(reading.errors.map(\.description) == [])
    let design = try #require(reading.design)
    let definition = design.definition
    #expect(definition.title == "A Test" && definition.languages == ["de"])
    #expect(
      definition.texts.welcome["de"] == """
        ## Hello

        You & **we** \\<3 \\*sound\\*.  
        Go [here](https://x.org/a).

        - one
        - two
        """)
    #expect(definition.texts.finish["de"] == "# Thank you\n\nGoodbye")
    let block = definition.runs[0]
    #expect(
      block.question["de"] == "test description" && block.instructions.isEmpty)
    #expect(definition.texts.instructions["de"] == "# How it works\n\nListen well.")
    #expect(block.anchors == [3500] && block.trials.order == .written)
    let questions = definition.closing
    #expect(questions.map(\.id) == ["email", "age", "gender", "their_language"])
    #expect(questions.map(\.kind) == [.text, .number, .choice, .longText])
    #expect(questions.map(\.required) == [true, false, true, false])
    #expect(questions[1].minimum == 0 && questions[1].maximum == 100)
    #expect(questions[2].options.map(\.value) == ["f", "o"])
    let notes = read.notes.map(\.what)
    for told in [
      "the text loses script", "listeners cannot go back", "listeners do not see their results",
      "'email' asks for something personal", "the question 'card' of the type 'tarot' is left out",
    ] { #expect(notes.contains { $0.contains(told) }, "\(told): \(notes)") }
  }

  @Test(
    "HTML becomes text, and loses nothing but what text cannot show",
    arguments: [
      ("<script>if (a < b) x();</script><p>Please read</p>", "Please read"), ("</script>Hello", "Hello"),
      ("a<!-- <p>C2 is the codec</p> -->b", "ab"), ("a<!-- never ends", "a"),
      ("if < 5 s, wait; if > 5 s, go on", "if \\< 5 s, wait; if > 5 s, go on"),
      ("<A HREF='mailto:x@y.org'>Write</A>", "[Write](mailto:x@y.org)"), ("<td>a</td><td>b</td>", "a b"),
      ("&lt;b&gt; &#228;&#xE4; &nope;", "\\<b> ää &nope;"), ("<STYLE>p {}</STYLE>x", "x"), ("<", "\\<"), ("<b", "\\<b"),
    ])
  func html(html: String, text: String) throws {
    let quoted = html.replacing("'", with: "''")
    let pages = "\n  - {type: generic, id: w, content: '\(quoted)'}" + Self.page("mushra", "")
    #expect(try WebMushra(config(pages)).draft.welcome == text)
  }

  @Test("the words of a response are scored from the last, the highest, down to the first")
  func responses() throws {
    let design = try #require(try study(WebMushra(config(Self.page("likert_single_stimulus", Self.four)))).design)
    #expect(
      design.definition.runs[0].scales[0].labels.map { $0["en"] } == ["Much", "A bit", "Not a lot", "Not at all"])
  }

  @Test("the numbers of a response say which word is highest")
  func numbers() throws {
    for order in [[5, 3, 1], [1, 3, 5], [3, 5, 1]] {
      let points = order.map { "{value: \($0), label: \(["Bad", "Fair", "Excellent"][$0 / 2])}" }
      let response = "response: [\(points.joined(separator: ", "))]"
      let design = try #require(try study(WebMushra(config(Self.page("likert_single_stimulus", response)))).design)
      #expect(design.definition.runs[0].scales[0].labels.map { $0["en"] } == ["Excellent", "Fair", "Bad"])
    }
  }

  @Test("pages may be chosen, and duplicate or forbidden names are replaced")
  func names() throws {
    let url = try config(
      Self.page("mushra", "") + Self.page("bs1116", "") + Self.page("likert_single_stimulus", Self.two, id: "l:1"))
    let all = try WebMushra(url)
    #expect(all.draft.blocks.map(\.items) == [["trial1"], ["trial1-2"], ["l_1"]])
    let one = try WebMushra(url, pages: ["l:1"])
    #expect(one.draft.blocks.map(\.type) == ["acr"])
    #expect(throws: Problem.self) { try WebMushra(url, pages: ["trial9"]) }
  }

  @Test(
    "a file that is not a configuration is reported",
    arguments: [
      "", "x", "- a\n- b", "testname: x", "pages: 7", "pages: []", "pages: [{type: generic}]", "pages: [[random]]",
      "pages: [{type: mushra}]", "pages: [{type: mushra, stimuli: {}}]",
      "pages: [{type: likert_single_stimulus, stimuli: {a: b}}]",
      "pages: [", "pages: {a: [}", "\u{0}", "pages: [{type: {a: b}}, [], 3, null]",
    ])
  func broken(text: String) throws {
    let url = folder.url.appending(path: "configs/broken.yaml")
    try Data(text.utf8).write(to: url)
    #expect(throws: (any Error).self) { try WebMushra(url) }
    #expect(throws: Problem.self) { try WebMushra(folder.url.appending(path: "none.yaml")) }
  }
}
