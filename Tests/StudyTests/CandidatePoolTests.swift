import Basics
import Foundation
import Study
import Testing

@Suite("Pools")
struct CandidatePoolTests {
  func design(_ pool: String, seed: Int = 1, edit: (StudyFixture) throws -> Void = { _ in }) throws -> StudyDesign {
    let fixture = try StudyFixture("title: T\nconsent: {text: Yes}\npool: {\(pool)}\ntrials: {seed: \(seed)}\n")
    defer { fixture.remove() }
    try edit(fixture)
    return try fixture.load()
  }

  func names(_ item: StudyDesign.Item) -> Set<String> { Set(item.candidates.map(\.candidate)) }

  @Test("a pool has each system's first candidates, the reference and the anchor, without duplicates")
  func union() throws {
    let item = try design("top_k: 2").items[0]
    // mine: kick2 kick1 (the reference), random: kick6 kick5.
    #expect(names(item) == ["kick1", "kick2", "kick5", "kick6", "anchor:kick1"])
    #expect(item.candidates.filter(\.isReference).map(\.candidate) == ["kick1"])
    #expect(item.candidates.filter(\.isAnchor).map(\.candidate) == ["anchor:kick1"])
  }

  @Test("fillers are of the condition and among no system's first")
  func fillers() throws {
    let item = try design("top_k: 2, random_fillers: 1").items[0]
    #expect(names(item).subtracting(["kick1", "kick2", "kick5", "kick6", "anchor:kick1"]).count == 1)
    #expect(names(item).intersection(["kick3", "kick4"]).count == 1)
  }

  @Test("the order of a pool does not depend on systems or on the order of the tables")
  func blind() throws {
    let design = try design("top_k: 3")
    let renamed = try self.design("top_k: 3") {
      try $0.edit("sounds/rankings.csv", ",mine,", ",zzz,")
      let lines = try String(contentsOf: $0.folder.appending(path: "sounds/rankings.csv"), encoding: .utf8).split(
        separator: "\n")
      try $0.write("sounds/rankings.csv", ([lines[0]] + lines.dropFirst().reversed()).joined(separator: "\n") + "\n")
    }
    #expect(design.items == renamed.items)
    // The reference has no preferred position: over many seeds, it is equally often at each of the five.
    let places = try (1...60).map { seed in
      try self.design("top_k: 2", seed: seed).items[0].candidates.firstIndex(where: \.isReference)
    }
    for place in 0..<5 { #expect((4...22).contains(places.count { $0 == place })) }
  }

  @Test("a pool that is too large keeps reference and anchor, and systems lose about equally many ranks")
  func thinning() throws {
    for seed in 1...10 {
      let items = try design("top_k: 3, max_per_trial: 5, random_fillers: 2", seed: seed).items
      for item in items {
        #expect(item.candidates.count == 5)
        #expect(item.candidates.contains(where: \.isReference) && item.candidates.contains(where: \.isAnchor))
        let number = { (n: Int) in "\(item.condition)\(n)" }
        // Ranked by mine: 2 1 3; by random: 6 5 4. The reference 1 is in any case, so rank 1 of both systems stays, and
        // one more.
        #expect(names(item).isSuperset(of: [number(2), number(6)]))
        #expect(names(item).intersection([number(3), number(4), number(5)]).count == 1)
      }
    }
  }

  @Test("an attention check is as large as an ordinary trial, and all but its reference are of another condition")
  func catches() throws {
    for item in try design("top_k: 2").items {
      #expect(item.catchCandidates.count == item.candidates.count)
      #expect(item.catchCandidates.filter(\.isReference).map(\.candidate) == [item.reference])
      #expect(item.catchCandidates.filter { !$0.isReference }.allSatisfy { !$0.candidate.hasPrefix(item.condition) })
    }
  }

  @Test("every sound is requested once, with its licence; anchors are low-passed references")
  func stimuli() throws {
    let design = try design("top_k: 2")
    let byName = Dictionary(grouping: design.stimuli, by: \.stimulus)
    #expect(byName.values.allSatisfy { $0.count == 1 })
    let heard = Set(design.items.flatMap { $0.candidates + $0.catchCandidates }.map(\.candidate))
    #expect(Set(design.stimuli.filter { $0.role == .candidate }.map(\.stimulus)) == heard)
    #expect(design.stimuli.filter { $0.role == .query }.map(\.stimulus) == ["loop1", "loop2"])
    let anchor = try #require(byName["anchor:kick1"]?.first)
    #expect(anchor.lowpass == 3500 && anchor.file == byName["kick1"]?.first?.file && anchor.licence == "CC0")
    #expect(byName["kick1"]?.first?.lowpass == nil)
  }

  @Test("ties at the last rank are broken at random, not by the order of the table")
  func ties() throws {
    let drawn = try (1...20).map { seed in
      let item = try design("top_k: 1, systems: [flat]", seed: seed) {
        try $0.write(
          "sounds/rankings.csv",
          "query,condition,system,distance,candidate\n"
            + ["loop1", "loop2"].flatMap { q in
              ["kick", "snare"].flatMap { c in (2...6).map { "\(q),\(c),flat,1,\(c)\($0)\n" } }
            }
            .joined())
      }.items[0]
      return item.candidates.first { !$0.isReference && !$0.isAnchor }?.candidate
    }
    #expect(Set(drawn).count >= 3)
  }
}
