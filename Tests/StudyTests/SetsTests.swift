import Foundation
import Study
import Testing
import Trials

/// Blocks about a set of sounds, which needs only the table of candidates.
@Suite("Sets of sounds")
struct SetsTests {
  private func study(_ type: String, count: Int = 5, more: String = "", perSet: Bool = false) throws -> StudyFixture {
    let fixture = try StudyFixture(
      """
      title: T
      consent: {text: Yes}
      sounds: {candidates: sounds/set.csv}
      trials: {repeats: 0, catches: 0, training: 0}
      blocks: [{name: set, type: \(type), source: sounds, question: What is it like?\(more)}]

      """)
    var table = "candidate,file,condition\n"
    for i in 1...count {
      table += "s\(i),s\(i).flac,\(perSet ? (i % 2 == 0 ? "dark" : "bright") : "")\n"
      try fixture.write("sounds/s\(i).flac", "sound \(i)")
    }
    try fixture.write("sounds/set.csv", table)
    return fixture
  }

  @Test(
    "each type makes its pages without duplicates, and each sound is at each position equally often",
    arguments: [("acr", 5), ("pairwise", 10), ("odd-one-out", 10), ("triplet", 30), ("rank", 1), ("sort", 1)])
  func pages(type: String, count: Int) throws {
    let fixture = try study(type)
    defer { fixture.remove() }
    #expect(fixture.problems() == [])
    let design = try fixture.load()
    let pages = design.blocks[0]
    #expect(pages.count == count)
    let contents = pages.map { Set($0.candidates.map(\.candidate)).union([$0.sound ?? ""]).sorted() + [$0.query] }
    #expect(Set(contents).count == count)
    #expect(
      pages.allSatisfy { page in
        page.sound.map { page.query == $0 && !page.candidates.map(\.candidate).contains($0) } ?? true
      })
    // Each sound is one stimulus, whichever sounds it is heard with. Attention checks may add a second copy, or a
    // low-passed one.
    #expect(Set(design.stimuli.map(\.stimulus)).isSuperset(of: (1...5).map { "s\($0)" }))
    #expect(Set(design.stimuli.map(\.stimulus)).count == design.stimuli.count)
    var used = Set(pages.compactMap(\.sound))
    for page in pages { used.formUnion((page.candidates + page.catchCandidates).map(\.candidate)) }
    #expect(used == Set(design.stimuli.map(\.stimulus)))
    #expect(design.stimuli.allSatisfy { $0.alignment?.files.count == 1 && $0.role == .candidate })
    let first = try #require(pages.first)
    var places = [PlannedCandidate: Int]()
    for participant in 1...(12 * first.candidates.count) {
      let trials = design.plan(participant: participant).trials
      #expect(trials.count == count)
      for trial in trials where trial.query == first.query && Set(trial.candidates) == Set(first.candidates) {
        places[trial.candidates[0], default: 0] += 1
      }
    }
    #expect(places.count == first.candidates.count && Set(places.values).count == 1)
  }

  @Test("a column of conditions divides the sounds, and trials can be limited to one condition")
  func conditions() throws {
    let fixture = try study("pairwise", perSet: true)
    defer { fixture.remove() }
    let design = try fixture.load()
    #expect(design.blocks[0].map(\.condition) == ["bright", "bright", "bright", "dark"])
    #expect(Set(design.blocks[0].map(\.query)) == ["bright", "dark"])
    let one = try study("pairwise", more: ", trials: {conditions: [dark]}", perSet: true)
    defer { one.remove() }
    #expect(try one.load().blocks[0].count == 1)
    let few = try study("pairwise", more: ", trials: {queries: [s1, s4, s5]}")
    defer { few.remove() }
    #expect(try few.load().blocks[0].count == 3)
  }

  @Test("an attention check has a sound that is there twice, or a strongly low-passed one")
  func checks() throws {
    for type in ["acr", "pairwise", "odd-one-out", "triplet", "sort"] {
      let fixture = try study(type)
      defer { fixture.remove() }
      for page in try fixture.load().blocks[0] {
        let check = page.catchCandidates
        #expect(check.count == page.candidates.count, "\(type)")
        let twice = check.contains { one in
          check.contains { one.isTwin(of: $0) } || one.candidate == page.sound.map { "\($0).again" }
        }
        #expect(type == "acr" ? check[0].source?.lowpass == 500 : twice, "\(type)")
      }
    }
  }

  @Test(
    "problems are reported with their place",
    arguments: [
      ("triplet", 21, "", "21 sounds are too many for 'triplet'"),
      ("odd-one-out", 26, "", "26 sounds are too many for 'odd-one-out'"),
      ("pairwise", 61, "", "61 sounds are too many for 'pairwise'"),
      ("rank", 21, "", "Name at most 20 in 'trials.queries'"),
      ("odd-one-out", 2, "", "'sounds' has too few sounds for 'odd-one-out'"),
      ("sort", 2, "", "'sounds' has too few sounds for 'sort'"),
      ("pairwise", 4, ", pool: {systems: [opus]}", "single sounds do not belong to a system"),
      ("pairwise", 4, ", trials: {queries: [s9]}", "there is no sound 's9'"),
      ("pairwise", 4, ", trials: {conditions: [dark]}", "no sound has the condition 'dark'"),
      ("rank", 4, ", trials: {catches: 1}", "Single sounds do not allow one for this type"),
      ("mushra", 4, "", "'mushra' does not ask about sounds"),
      ("similarity", 4, "", "'similarity' does not ask about sounds"),
      ("pairwise", 4, ", anchors_lowpass_hz: [900]", "'pairwise' does not use 'anchors_lowpass_hz'"),
      ("rank", 4, ", scale: {min: 0}", "'rank' does not use 'scale'"),
      ("triplet", 4, ", allow_neither: true", "'triplet' does not use 'allow_neither'"),
      ("sort", 4, ", training_feedback: true", "'sort' does not use 'training_feedback'"),
      ("pairwise", 4, ", pool: {top_k: 2}", "a block of sounds does not use 'pool.top_k'"),
      ("pairwise", 4, ", rate_while_playing: true", "a block of sounds does not use 'rate_while_playing'"),
    ])
  func wrong(type: String, count: Int, more: String, told: String) throws {
    let fixture = try study(type, count: count, more: more)
    defer { fixture.remove() }
    #expect(fixture.problems().contains { $0.contains(told) }, "\(fixture.problems())")
  }

  @Test("one table may serve both rankings and a set, and each sound is prepared once")
  func shared() throws {
    let fixture = try StudyFixture(
      """
      title: T
      consent: {text: Yes}
      sounds: {queries: q.csv, candidates: c.csv, rankings: r.csv}
      pool: {hidden_reference: false, anchor_lowpass_hz: none, top_k: 2}
      trials: {repeats: 0, catches: 0, training: 0}
      blocks:
        - {name: alike, question: How alike?}
        - {name: pairs, type: pairwise, question: How alike?}

      """)
    defer { fixture.remove() }
    try fixture.write("q.csv", "query,file\nloop,loop.flac\n")
    try fixture.write("c.csv", "candidate,file\na,a.flac\nb,b.flac\nc,c.flac\n")
    try fixture.write("r.csv", "query,system,rank,candidate\nloop,m,1,a\nloop,m,2,b\n")
    for name in ["loop", "a", "b", "c"] { try fixture.write("\(name).flac", name) }
    #expect(fixture.problems() == [])
    let design = try fixture.load()
    #expect(design.blocks.map(\.count) == [1, 3])
    #expect(design.stimuli.map(\.stimulus).filter { ["a", "b", "c"].contains($0) }.sorted() == ["a", "b", "c"])
  }
}
