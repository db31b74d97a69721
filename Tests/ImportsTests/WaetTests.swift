import Basics
import Foundation
import Imports
import Study
import TestSupport
import Testing
import Trials

@Suite("Tests of the Web Audio Evaluation Tool")
struct WaetTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for place in ["media", "tests"] {
      try FileManager.default.createDirectory(at: folder.url.appending(path: place), withIntermediateDirectories: true)
    }
    for name in ["ref", "one", "two", "low"] {
      try Data(name.utf8).write(to: folder.url.appending(path: "media/\(name).wav"))
    }
  }

  private static let sounds = """
    <audioelement url="one.wav" id="t1"/><audioelement url="two.wav" id="t2" name="second" gain="-3"/>
    <audioelement url="low.wav" id="t3" type="anchor"/>
    """
  private static let reference = "<audioelement url=\"ref.wav\" id=\"t0\" type=\"outside-reference\"/>"

  private func test(_ pages: String, setup: String = "interface=\"MUSHRA\"", inside: String = "") throws -> URL {
    let url = folder.url.appending(path: "tests/my_test.xml")
    let text = "<?xml version=\"1.0\"?>\n<waet>\n<setup \(setup)>\(inside)</setup>\n\(pages)\n</waet>\n"
    try Data(text.utf8).write(to: url)
    return url
  }

  private func page(_ inside: String, id: String = "p1", more: String = "") -> String {
    "<page id=\"\(id)\" hostURL=\"media/\" \(more)>\(inside)</page>\n"
  }

  /// The design of the study that is made of it.
  private func design(_ read: Waet) throws -> StudyDesign {
    let made = folder.url.appending(path: "made-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
    try read.draft.write(to: made) { file, _ in file.path }
    let reading = StudyReading(folder: made, types: TrialTypes.all)
    #expect(reading.errors.isEmpty, "\(reading.errors)")
    return try #require(reading.design)
  }

  @Test("a version that is called like the reference or an anchor is neither")
  func namedLikeMarks() throws {
    let sounds = """
      <audioelement url="one.wav" name="reference"/><audioelement url="two.wav" name="anchor"/>
      <audioelement url="ref.wav" type="outside-reference"/>
      """
    let read = try Waet(test(page(sounds)))
    let versions = read.draft.versions.map { "\($0.system) \($0.file.lastPathComponent) \($0.isReference)" }
    #expect(versions == ["reference ref.wav true", "reference-version one.wav false", "anchor-version two.wav false"])
  }

  @Test("questions whose names have no Latin letters are all kept")
  func namesOfQuestions() throws {
    func ask(_ id: String) -> String {
      "<surveyentry type=\"question\" id=\"\(id)\"><statement>\(id)?</statement></surveyentry>"
    }
    let survey = "<survey location=\"before\">\(ask("имя"))\(ask("возраст"))\(ask("имя"))</survey>"
    let read = try Waet(test(page(Self.sounds + Self.reference), inside: survey))
    #expect(read.draft.opening.map(\.id) == ["x", "x_2"])
    #expect(read.notes.contains { $0.what == "the question 'имя' is asked twice; the second is left out" })
  }

  @Test("each interface becomes a block of its type")
  func interfaces() throws {
    let words =
      "<interface><scales><scalelabel position=\"0\">Bad</scalelabel><scalelabel position=\"100\">Good</scalelabel></scales></interface>"
    for (interface, inside, type, pages) in [
      ("MUSHRA", Self.sounds + Self.reference, "mushra", 1), ("APE", Self.sounds + Self.reference, "mushra", 1),
      ("horizontal", Self.sounds + Self.reference, "mushra", 1), ("AB", Self.sounds, "ab", 3),
      ("ABX", Self.sounds + Self.reference, "abx", 12), ("likert", words + Self.sounds, "acr", 3),
      ("discrete", words + Self.sounds, "acr", 3), ("ordinal", Self.sounds, "rank", 1),
    ] {
      let read = try Waet(test(page(inside), setup: "interface=\"\(interface)\""))
      let design = try design(read)
      #expect(design.definition.runs.map(\.type) == [type], "\(interface)")
      #expect(design.blocks[0].count == pages, "\(interface): \(design.blocks[0].count)")
      #expect(Set(read.draft.versions.map(\.system)).subtracting(["reference"]) == ["one", "second", "anchor"])
      #expect(read.notes.contains { $0.what.contains("gain of -3 dB") && $0.place?.line == 4 }, "\(read.notes)")
    }
  }

  @Test("of several anchors, each is kept under its own name")
  func anchors() throws {
    let two = Self.sounds + "<audioelement url=\"lower.wav\" id=\"t4\" name=\"lp35\" type=\"anchor\"/>"
    let read = try Waet(test(page(two + Self.reference), setup: "interface=\"MUSHRA\""))
    #expect(
      Set(read.draft.versions.map(\.system)).subtracting(["reference"]) == [
        "one", "second", "anchor_low", "anchor_lp35",
      ])
  }

  @Test("questions, statements and the final text are imported")
  func surveys() throws {
    let inside = """
      <exitText>All done.</exitText>
      <survey location="before">
        <surveyentry type="statement" id="s"><statement>Welcome &amp; thanks</statement></surveyentry>
        <surveynumber id="age" min="16" max="99" mandatory="true"><statement>Your age?</statement></surveynumber>
        <surveyentry type="checkbox" id="gear"><statement>Gear?</statement><option name="a">Amp</option><option name="b"/></surveyentry>
      </survey>
      <survey location="after">
        <surveyquestion id="state" boxsize="large"><statement>Anything?</statement></surveyquestion>
        <surveyentry type="video" id="v"><statement>Look</statement></surveyentry>
      </survey>
      <interface><interfaceoption type="show" name="comments"/><interfaceoption type="check" name="scalerange"/></interface>
      """
    let read = try Waet(test(page(Self.sounds + Self.reference, id: "a:b"), inside: inside))
    let definition = try design(read).definition
    #expect(definition.texts.welcome["en"]?.contains("Welcome & thanks") == true)
    #expect(definition.texts.finish["en"]?.contains("All done.") == true)
    #expect(definition.questionnaire.map(\.id) == ["age", "gear"] && definition.questionnaire[0].required)
    #expect(definition.questionnaire[0].minimum == 16 && definition.questionnaire[1].options.count == 2)
    #expect(definition.closing.map(\.id) == ["their_state"] && definition.closing[0].kind == .longText)
    #expect(definition.runs[0].takesComments)
    for told in ["check 'scalerange'", "type 'video'", "no consent page"] {
      #expect(read.notes.contains { $0.what.contains(told) }, "\(told)")
    }
  }

  @Test("a test that is invalid or has nothing to ask about is reported with its line")
  func wrong() throws {
    func problem(_ pages: String, setup: String = "interface=\"MUSHRA\"") throws -> String {
      try "\(#require(throws: Problem.self, performing: { _ = try Waet(test(pages, setup: setup)) }))"
    }
    #expect(try problem(page(Self.sounds)).contains("has no reference"))
    #expect(try problem(page(Self.sounds), setup: "interface=\"timeline\"").contains("'timeline'"))
    #expect(try problem("<page id=\"x\">").contains("not valid XML"))
    #expect(try problem(String(repeating: "<a>", count: 500)).contains("too deeply"))
    let other = folder.url.appending(path: "tests/other.xml")
    try Data("<html>\n<body/></html>".utf8).write(to: other)
    #expect(throws: Problem.self) { try Waet(other) }
    try Data([0xff, 0xfe, 0x00, 0x3c, 0x01]).write(to: other)
    #expect(throws: Problem.self) { try Waet(other) }
    #expect(throws: Problem.self) { try Waet(folder.url.appending(path: "tests/none.xml")) }
    // Nothing outside the file is read.
    let secret = folder.url.appending(path: "secret.txt")
    try Data("hush".utf8).write(to: secret)
    let entity = "<!DOCTYPE waet [<!ENTITY e SYSTEM \"file://\(secret.path)\">]>\n"
    try Data("\(entity)<waet><setup interface=\"AB\"><exitText>&e;</exitText></setup>\(page(Self.sounds))</waet>".utf8)
      .write(to: other)
    if let read = try? Waet(other) { #expect(!read.draft.finish.contains("hush")) }
    let twice = page(Self.sounds + Self.sounds + Self.reference) + page(Self.sounds + Self.reference)
    let read = try Waet(test(twice))
    #expect(read.notes.contains { $0.what.contains("occurs twice") })
    #expect(try design(read).blocks[0].count == 2)
  }
}
