import Basics
import Foundation
import Study
import Testing
import Trials

@Suite("Renderings")
struct RenderingsTests {
  private static let table = """
    item,system,file,reference
    x,reference,ref/x.flac,
    x,opus,opus/x.flac,
    x,aac,aac/x.flac,
    y,reference,ref/y.flac,
    y,opus,opus/y.flac,
    y,aac,aac/y.flac,

    """

  private func study(_ type: String, source: String = "renderings", more: String = "", table: String = table) throws
    -> StudyFixture
  {
    let fixture = try StudyFixture(
      """
      title: T
      consent: {text: Yes}
      sounds: {renderings: sounds/renderings.csv}
      trials: {repeats: 0, catches: 0, training: 0}
      blocks: [{name: versions, type: \(type), source: \(source), question: How good?\(more)}]

      """)
    try fixture.write("sounds/renderings.csv", table)
    for folder in ["ref", "opus", "aac"] {
      for item in ["x", "y"] { try fixture.write("sounds/\(folder)/\(item).flac", folder + item) }
    }
    return fixture
  }

  @Test("rankings are not needed, and each sound is its own stimulus")
  func stimuli() throws {
    let fixture = try study("mushra")
    defer { fixture.remove() }
    #expect(fixture.problems() == [])
    let design = try fixture.load()
    #expect(design.blocks[0].map(\.query) == ["x", "y"])
    let page = design.blocks[0][0]
    #expect(page.sound == "x")
    #expect(page.candidates.count == 5 && page.candidates.count(where: \.isReference) == 1)
    #expect(
      Set(page.candidates.compactMap(\.system)) == ["opus", "aac", "reference", "anchor_3500_hz", "anchor_7000_hz"])
    // The reference is heard both openly and as one of the versions: two stimuli from one file.
    #expect(design.stimuli.count == 2 * (1 + 5 + 3))
    #expect(Set(design.stimuli.map(\.stimulus)).count == design.stimuli.count)
    #expect(design.stimuli.filter { $0.file.path.hasSuffix("ref/x.flac") }.count == 1 + 1 + 2 + 3)
    #expect(design.stimuli.allSatisfy { $0.alignment?.files.count == 3 && $0.alignment?.hasReference == true })
  }

  @Test("versions are switched between, unless every page has only one", arguments: ["mushra", "ab", "dcr", "acr"])
  func switched(type: String) throws {
    let fixture = try study(type)
    defer { fixture.remove() }
    let design = try fixture.load()
    #expect(!design.stimuli.isEmpty && design.stimuli.allSatisfy { $0.alignment?.isSwitched == (type != "acr") })
  }

  @Test("pages of preferences between the two systems in focus get more of the trials")
  func focus() throws {
    let third = Self.table.replacing("x,aac,", with: "x,mp3,aac/x.flac,\nx,aac,").replacing(
      "y,aac,", with: "y,mp3,aac/y.flac,\ny,aac,")
    let fixture = try study(
      "ab", more: ", trials: {per_participant: 3, focus: [opus, mp3], focus_share: 0.7}", table: third)
    defer { fixture.remove() }
    #expect(fixture.problems() == [])
    let design = try fixture.load()
    #expect(design.blocks[0].count == 6)
    for participant in 1...12 {
      let trials = design.plan(participant: participant).trials
      let inFocus = trials.filter { Set($0.candidates.map(\.system)) == ["opus", "mp3"] }
      #expect(inFocus.count == 2 && inFocus.allSatisfy { $0.chance == 1 })
      #expect(trials.count == 3 && trials.count { $0.chance == 0.25 } == 1)
    }
    let mushra = try study("mushra", more: ", trials: {per_participant: 1, focus: [opus, aac]}")
    defer { mushra.remove() }
    #expect(mushra.problems().contains { $0.contains("a block of 'mushra' does not compare two systems page by page") })
  }

  @Test(
    "each type makes its pages",
    arguments: [
      ("mushra", 2), ("bs1116", 4), ("acr", 6), ("dcr", 6), ("ab", 2), ("abx", 12), ("ccr", 4), ("pairwise", 6),
      ("odd-one-out", 12), ("rank", 2), ("sort", 2),
    ])
  func pages(type: String, count: Int) throws {
    let fixture = try study(type)
    defer { fixture.remove() }
    let design = try fixture.load()
    #expect(design.blocks[0].count == count)
    #expect(Set(design.blocks[0].map { $0.query + $0.part }).count == count)
    // Over many listeners, every page is shown equally often, and each version equally often at each position.
    let first = design.blocks[0][0]
    var places = [[PlannedCandidate]: Int]()
    for participant in 1...(12 * first.candidates.count) {
      let trials = design.plan(participant: participant).trials
      #expect(trials.count == count)
      for trial in trials where trial.query + (trial.sound ?? "") == first.query + (first.sound ?? "") {
        if Set(trial.candidates) == Set(first.candidates) { places[[trial.candidates[0]], default: 0] += 1 }
      }
    }
    #expect(places.count == first.candidates.count && Set(places.values).count == 1)
  }

  @Test("X repeats A and B equally often")
  func abx() throws {
    let fixture = try study("abx")
    defer { fixture.remove() }
    for page in try fixture.load().blocks[0] {
      #expect(page.candidates.count(where: { $0.again == page.sound }) == 1)
    }
  }

  @Test(
    "the reference is named by its system, a mark or its file",
    arguments: [
      ("x,reference,ref/x.flac,", "x,original,ref/x.flac,yes"),
      ("x,reference,ref/x.flac,", "x,original,ref/x.flac,TRUE"),
      (
        "x,reference,ref/x.flac,\nx,opus,opus/x.flac,\nx,aac,aac/x.flac,",
        "x,opus,opus/x.flac,ref/x.flac\nx,aac,aac/x.flac,ref/x.flac"
      ),
    ])
  func reference(old: String, new: String) throws {
    let fixture = try study("mushra", table: Self.table.replacing(old, with: new))
    defer { fixture.remove() }
    #expect(fixture.problems() == [])
    let page = try fixture.load().blocks[0][0]
    #expect(page.candidates.count == 5 && page.candidates.count(where: \.isReference) == 1)
  }

  @Test(
    "problems are reported with their place",
    arguments: [
      ("x,opus,opus/x.flac,", "x,opus,none/x.flac,", "renderings.csv:3:8: error: there is no sound file"),
      ("x,opus,opus/x.flac,", "x,aac,opus/x.flac,", "'aac' is listed twice for 'x', first in line 3"),
      ("x,opus,opus/x.flac,", "x,opus,opus/x.flac,yes", "'x' has two references"),
      ("x,opus,opus/x.flac,", "x,opus,opus/x.flac,aac/x.flac", "'x' has a different reference in an earlier line"),
      ("x,opus,opus/x.flac,", "x:1,opus,opus/x.flac,", "contains a colon"),
      ("x,opus,opus/x.flac,", "x,o/p,opus/x.flac,", "contains a slash"),
      ("x,opus,opus/x.flac,", ",opus,opus/x.flac,", "renderings.csv:3:1: error"),
      ("item,system", "thing,system", "the table lacks the column item"),
      ("y,opus,opus/y.flac,\n", "", "warning: opus has no rendering of 'y'"),
      ("y,reference,ref/y.flac,\n", "", "warning: 'y' has no reference, but other items have"),
    ])
  func problems(old: String, new: String, told: String) throws {
    let fixture = try study("mushra", table: Self.table.replacing(old, with: new))
    defer { fixture.remove() }
    let problems = fixture.problems()
    #expect(problems.contains { $0.contains(told) }, "\(problems)")
  }

  @Test("the same anchor twice is a problem")
  func anchorTwice() throws {
    let fixture = try study("mushra", more: ", anchors_lowpass_hz: [3500, 7000, 3500.0]")
    defer { fixture.remove() }
    #expect(fixture.problems().contains { $0.contains("3500 Hz is named twice") }, "\(fixture.problems())")
  }

  @Test(
    "problems of category scales are reported",
    arguments: [
      ("ab", "[{name: a}]", "'ab' has no verbal scales"), ("acr", "[{name: A B}]", "'A B' cannot name a scale"),
      ("acr", "[{name: a}, {name: a}]", "two scales have the name 'a'"),
      ("acr", "[{name: a, labels: [x]}]", "the scale has 1 word"), ("acr", "[{question: x}]", "scales[0].name"),
      ("dcr", "[{name: a, labels: no}]", "'blocks[0].scales[0].labels' is not a list"),
      ("dcr", "[{name: a, labels: [[]]}]", "labels[0]"), ("dcr", "none", "'blocks[0].scales' is not a list"),
    ])
  func scales(type: String, scales: String, told: String) throws {
    let fixture = try study(type, more: ", scales: \(scales)")
    defer { fixture.remove() }
    #expect(fixture.problems().contains { $0.contains(told) }, "\(fixture.problems())")
  }

  @Test("a block takes only sources that suit its type, and types with a reference need one")
  func sources() throws {
    let wrong = try study("mushra", source: "rankings")
    defer { wrong.remove() }
    #expect(wrong.problems().contains { $0.contains("'mushra' does not ask about rankings") })
    let table = Self.table.replacing("x,reference,ref/x.flac,\n", with: "")
    for (type, isFine) in [
      ("bs1116", false), ("dcr", false), ("acr", true), ("ab", true), ("abx", true), ("mushra", true),
    ] {
      let fixture = try study(type, table: table)
      defer { fixture.remove() }
      let problems = fixture.problems()
      #expect(problems.contains { $0.contains("'x' has no reference, but other items have") }, "\(type): \(problems)")
      #expect(problems.contains { $0.contains("It is left out") } != isFine, "\(type): \(problems)")
    }
    let systems = try study("mushra", more: ", pool: {systems: [opsu]}")
    defer { systems.remove() }
    #expect(systems.problems().contains { $0.contains("Did you mean 'opus'?") })
    let many = try study(
      "ab", more: ", trials: {catches: 1}", table: table.replacing("y,reference,ref/y.flac,\n", with: ""))
    defer { many.remove() }
    #expect(many.problems().contains { $0.contains("Items with a reference are needed. Set 'catches: 0'.") })
  }

  @Test("a study with blocks keeps the version that it had before blocks had these keys")
  func version() throws {
    let fixture = try StudyFixture(BlocksTests.two)
    defer { fixture.remove() }
    let version = try fixture.load().version
    #expect(version == "963ad4d6e6721a8b8d0703583809668ab5bfcfae9eb922dae351ad8121f3544f")
  }
}
