import Basics
import Foundation
import Study
import Testing

@Suite("Blocks of trials")
struct BlocksTests {
  static let two = """
    title: T
    consent: {text: Yes}
    trials: {repeats: 0, catches: 0, seed: 3}
    pool: {top_k: 2, anchor_lowpass_hz: none}
    blocks:
      - {name: alike, question: "How similar to the {condition}?", scale: {max: 10}}
      - name: nearer
        type: triplet
        question: "Which is nearer to the {condition}?"
        break: Rest.
        trials: {per_participant: 5, training: 2}
        questionnaire: [{id: ease, text: How easy was it?}]

    """

  private func problems(_ old: String, _ new: String) throws -> [String] {
    let fixture = try StudyFixture(Self.two.replacing(old, with: new))
    defer { fixture.remove() }
    return fixture.problems()
  }

  @Test("a block inherits the study's settings and can override them")
  func inheritance() throws {
    let fixture = try StudyFixture(Self.two)
    defer { fixture.remove() }
    #expect(fixture.problems() == [])
    let runs = try fixture.load().definition.runs
    #expect(runs.map(\.name) == ["alike", "nearer"] && runs.map(\.type) == ["similarity", "triplet"])
    #expect(runs.map(\.pool.topK) == [2, 2] && runs.map(\.scale.maximum) == [10, 100])
    #expect(runs.map(\.trials.training) == [1, 2] && runs.map(\.trials.catches) == [0, 0])
  }

  @Test("the study's own settings may follow the blocks in the file")
  func order() throws {
    let late = Self.two.replacing("pool: {top_k: 2, anchor_lowpass_hz: none}\n", with: "")
    let fixture = try StudyFixture(late + "pool: {top_k: 1, anchor_lowpass_hz: none, random_fillers: 1}\n")
    defer { fixture.remove() }
    #expect(try fixture.load().definition.runs.map(\.pool.topK) == [1, 1])
  }

  @Test("each pair of a pool's candidates makes a triplet, and trials are numbered across blocks")
  func plans() throws {
    let fixture = try StudyFixture(Self.two)
    defer { fixture.remove() }
    let design = try fixture.load()
    #expect(design.blocks[0].count == 4)
    let pairs = design.blocks[0].reduce(0) { $0 + $1.candidates.count * ($1.candidates.count - 1) / 2 }
    #expect(design.blocks[1].count == pairs && design.blocks[1].allSatisfy { $0.candidates.count == 2 })
    for participant in 1...8 {
      let trials = design.plan(participant: participant).trials
      #expect(trials.map(\.index) == Array(1...trials.count))
      #expect(trials.filter { $0.block == 1 }.count == 7 && trials.prefix { $0.block == 0 }.count == 5)
      let asked = trials.filter { $0.block == 1 && !$0.isTraining }.map { Set($0.candidates.map(\.candidate)) }
      #expect(Set(asked).count == 5 || design.blocks[1].count > 5)
    }
    let steps = design.steps(of: design.plan(participant: 1).trials).filter { $0.kind != .trial }
    #expect(steps.suffix(2) == [Step(.pause, number: 2), Step(.questionnaire, number: 2)])
  }

  static let focus = two.replacing("per_participant: 5", with: "per_participant: 5, focus: [mine, random]")

  @Test("pages that distinguish two systems are asked more often, and each trial states its probability")
  func focused() throws {
    let fixture = try StudyFixture(Self.focus)
    defer { fixture.remove() }
    #expect(fixture.problems() == [])
    let design = try fixture.load(), pages = design.blocks[1]
    // The reference is 1, which 'mine' ranks second and 'random' last.
    let inFocus = Set(pages.filter(\.isInFocus).map { "\($0.query)\($0.condition)\($0.part)" })
    #expect(!inFocus.isEmpty && inFocus.count < pages.count)
    func place(_ trial: Trial) -> String {
      let page = pages.first {
        $0.query == trial.query && $0.condition == trial.condition && Set($0.candidates) == Set(trial.candidates)
      }
      return page.map { "\($0.query)\($0.condition)\($0.part)" } ?? ""
    }
    var shown: [String: Int] = [:], chances: [String: Double] = [:]
    let listeners = 12 * inFocus.count * (pages.count - inFocus.count)
    for participant in 1...listeners {
      let trials = design.plan(participant: participant).trials.filter { $0.block == 1 }
      #expect(trials.filter(\.isTraining).allSatisfy { $0.chance == nil })
      let main = trials.filter { !$0.isTraining }
      #expect(main.count == 5 && main.count { inFocus.contains(place($0)) } == 4)
      for trial in main {
        shown[place(trial), default: 0] += 1
        chances[place(trial)] = trial.chance
      }
    }
    #expect(shown.count == pages.count)
    for (page, count) in shown { #expect(abs(Double(count) - (chances[page] ?? 0) * Double(listeners)) < 1e-6) }
    // Blocks and studies without a focus are not affected.
    #expect(design.plan(participant: 1).trials.allSatisfy { $0.block == 1 || $0.chance == nil })
    let plain = try StudyFixture(Self.two)
    defer { plain.remove() }
    #expect(try plain.load().plan(participant: 3).trials.allSatisfy { $0.chance == nil })
    #expect(try plain.load().version != design.version)
  }

  @Test(
    "an invalid focus is reported",
    arguments: [
      ("focus: [mine, random]", "focus: [mine, rundom]", "error: there is no system 'rundom'. Did you mean 'random'?"),
      ("focus: [mine, random]", "focus: [mine]", "error: 'trials.focus' names 1 system"),
      ("focus: [mine, random]", "focus: [mine, mine]", "error: "),
      ("per_participant: 5, ", "", "warning: every participant is shown all pages"),
      ("per_participant: 5", "per_participant: 1", "a single trial per participant cannot cover both kinds"),
      ("type: triplet", "type: similarity", "a block of 'similarity' does not compare two systems page by page"),
      ("focus: [mine, random]", "focus: [mine, random], focus_share: 1", "focus_share"),
    ])
  func wrongFocus(old: String, new: String, told: String) throws {
    let fixture = try StudyFixture(Self.focus.replacing(old, with: new))
    defer { fixture.remove() }
    let problems = fixture.problems()
    #expect(problems.contains { $0.contains(told) }, "\(problems)")
  }

  @Test("over all listeners, pairs are shown equally often, and each sound first as often as second")
  func balance() throws {
    let fixture = try StudyFixture(Self.two)
    defer { fixture.remove() }
    let design = try fixture.load()
    let pairs = design.blocks[1].count
    var shown: [[String]: Int] = [:]
    for participant in 1...(2 * pairs) {
      for trial in design.plan(participant: participant).trials where trial.block == 1 && !trial.isTraining {
        shown[[trial.query, trial.condition] + trial.candidates.map(\.candidate), default: 0] += 1
      }
    }
    #expect(shown.count == 2 * pairs && Set(shown.values) == [5])
  }

  @Test("another order of blocks, block name or text makes another version of the study")
  func versions() throws {
    func version(_ yaml: String) throws -> String {
      let fixture = try StudyFixture(yaml)
      defer { fixture.remove() }
      return try fixture.load().version
    }
    let versions = try [
      version(Self.two), version(Self.two + "block_order: balanced\n"),
      version(Self.two.replacing("name: nearer", with: "name: closer")),
      version(Self.two.replacing("break: Rest.", with: "break: Rest now.")),
      version(Self.two.replacing("per_participant: 5", with: "per_participant: 6")),
      version(Self.two.replacing("scale: {max: 10}", with: "scale: {max: 20}")),
    ]
    #expect(Set(versions).count == versions.count)
  }

  @Test("breaks come after a number of trials or minutes, and never after the last trial")
  func rests() throws {
    func rests(_ keys: String) throws -> [Int] {
      let fixture = try StudyFixture(Self.two.replacing("    break: Rest.", with: "    \(keys)"))
      defer { fixture.remove() }
      let design = try fixture.load()
      let trials = design.plan(participant: 1).trials
      let steps = design.steps(of: trials)
      let breaks = steps.filter { $0.kind == .pause }
      #expect(Set(breaks).count == breaks.count && breaks.allSatisfy { design.block(ofBreak: $0).name == "nearer" })
      return steps.indices.filter { steps[$0].kind == .pause }.map { place in
        trials.prefix(steps[place - 1].number).count { $0.block == 1 && !$0.isTraining }
      }
    }
    #expect(try rests("break_every: 2") == [2, 4])
    // Two candidates of 5 seconds each: practice takes 20 seconds, and each trial after it 10.
    #expect(try rests("break_every_min: 0.5") == [1, 4])
    #expect(try rests("break_every_min: 0.5\n    break_every: 3") == [1, 3])
    #expect(try rests("break_every_min: 600") == [])
  }

  @Test("everything wrong with blocks is reported with its place")
  func wrong() throws {
    #expect(try problems("type: triplet", "type: triplets").contains { $0.contains("Did you mean 'triplet'?") })
    #expect(try problems("type: triplet", "type: similarity").contains { $0.contains("Use one scale for both") })
    #expect(
      try problems("name: nearer", "name: nearer\n    groups: [c]").contains { $0.contains("there is no group 'c'") })
    let grouped = { (groups: String) -> String in "groups: [\(groups)]\nblocks:\n  - {name: alike, groups: [a]," }
    for (groups, told) in [
      ("a, b, A", "'A' cannot name a group"), ("a, a", "'a' occurs twice"),
    ] {
      #expect(try problems("blocks:\n  - {name: alike,", grouped(groups)).contains { $0.contains(told) }, "\(told)")
    }
    let lonely = Self.two.replacing("name: alike,", with: "name: alike, groups: [a],").replacing(
      "break: Rest.", with: "groups: [a]\n    break: Rest.")
    let fixture = try StudyFixture(lonely + "groups: [a, b]\n")
    defer { fixture.remove() }
    #expect(fixture.problems().contains { $0.contains("the group 'b' has no block") })
    #expect(
      try problems("title: T", "title: T\njoining: {per_group: 3}").contains { $0.contains("there are no groups") })
    #expect(
      try problems("blocks:\n  - {name: alike,", "joining: {keep: [group]}\n" + grouped("a")).contains {
        $0.contains("chooses the group")
      })
    #expect(try problems("name: nearer", "name: alike").contains { $0.contains("two blocks have the name") })
    #expect(try problems("name: nearer", "name: Nearer One").contains { $0.contains("cannot name a block") })
    #expect(try problems("training: 2", "seed: 9").contains { $0.contains("Write it at 'trials.seed'") })
    #expect(try problems("{condition}?\"\n    break", "{drum}?\"\n    break").contains { $0.contains("{drum}") })
    #expect(try problems("per_participant: 5", "per_participant: 499").contains { $0.contains("there are") })
    #expect(try problems("id: ease", "id: state").contains { $0.contains("participants.csv already has") })
    #expect(try problems("scale: {max: 10}", "scale: {max: -1}").contains { $0.contains("must be above 'min'") })
    let places = try problems("type: triplet", "type: triplets")
    #expect(places.first?.hasPrefix("study.yaml:8:11: error: there is no trial type") == true, "\(places)")
    // The problems of an unknown type are not followed by others.
    #expect(places.count == 1, "\(places)")
  }

  @Test("a study without blocks needs its question in each language")
  func noQuestion() throws {
    let texts = ["welcome", "instructions", "finish"].map { "\($0): {en: E, de: D}" }.joined(separator: ", ")
    let head =
      "title: T\nlanguages: [en, de]\ntexts: {\(texts)}\nconsent: {text: {en: Y, de: J}, agree: {en: Y, de: J}}\n"
    let scale = "scale: {low: {en: l, de: l}, high: {en: h, de: h}}\n"
    let block = "blocks: [{name: alike, question: {en: \"The {condition}?\", de: \"Die {condition}?\"}}]\n"
    for (more, missing) in [("", true), (block, false)] {
      let fixture = try StudyFixture(head + scale + more)
      defer { fixture.remove() }
      let errors = fixture.problems().filter { $0.contains("error") }
      #expect(errors.contains { $0.contains("'texts.question' is missing in de") } == missing, "\(errors)")
      #expect(errors.count == (missing ? 1 : 0), "\(errors)")
    }
  }
}
