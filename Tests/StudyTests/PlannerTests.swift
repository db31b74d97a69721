import Basics
import Study
import Testing

/// A random design, determined by its seed.
struct RandomDesign {
  var design: StudyDesign
  var conditions: Int
  var perParticipant: Int

  init(_ number: Int) {
    var random = SeededRandom(seed: UInt64(number), "random design")
    conditions = 1 + random.below(4)
    let queries = 1 + random.below(9)
    let pool = 2 + random.below(8)
    var items: [StudyDesign.Item] = []
    for q in 0..<queries {
      for c in 0..<conditions where c == 0 || random.below(5) > 0 {
        let candidates = (0..<pool).map { PlannedCandidate("q\(q)c\(c)-\($0)", isReference: $0 == 0) }
        let others = (1..<pool).map { PlannedCandidate("other-\($0)") }
        items.append(
          .init(
            query: "q\(q)", condition: "c\(c)", reference: "q\(q)c\(c)-0", candidates: candidates,
            catchCandidates: [candidates[0]] + others))
      }
    }
    var definition = StudyDefinition()
    perParticipant = 1 + random.below(items.count)
    definition.trials.perParticipant = perParticipant
    definition.trials.training = random.below(3)
    definition.trials.repeats = random.below(perParticipant / 2 + 1)
    definition.trials.catches = random.below(min(4, perParticipant + 1))
    definition.trials.order = random.below(2) == 0 ? .shuffled : .blocked
    definition.trials.seed = random.next()
    design = StudyDesign(definition: definition, version: "v\(number)", items: items, stimuli: [])
  }

  func main(_ participant: Int) -> [Trial] {
    design.plan(participant: participant).trials.filter { !$0.isTraining && !$0.isCatch && !$0.isRepeat }
  }
}

@Suite("Plan")
struct PlannerTests {
  struct ItemName: Hashable { var query, condition: String }

  @Test("plans depend on the participant and the seed, and on nothing else")
  func pure() {
    let design = RandomDesign(3).design
    #expect(design.plan(participant: 5) == design.plan(participant: 5))
    #expect(design.plan(participant: 5).trials != design.plan(participant: 6).trials)
    #expect(design.plan(participant: 5).trials != design.plan(participant: 5, seed: 99).trials)
    #expect(design.plan(participant: 5, seed: design.definition.trials.seed) == design.plan(participant: 5))
  }

  @Test("the plans of running studies stay as they are")
  func kept() {
    let plans = (0..<40).flatMap { number in
      let random = RandomDesign(number)
      return (1...12).map { random.design.plan(participant: $0).trials }
    }
    let told = plans.joined().map { trial in
      let candidates = trial.candidates.map(\.candidate).joined(separator: " ")
      return "\(trial.index) \(trial.query) \(trial.condition): \(candidates)\n"
    }
    #expect(ContentHash.of(told.joined()) == "6a7507f1e76280ec0780c9698be6bf1c8a386a46d8b13734c30f4a7640598a75")
  }

  @Test("the last of a large crowd has as many pages as the first, of as many queries")
  func crowd() {
    var definition = StudyDefinition()
    definition.trials.perParticipant = 77
    let items = (0..<2000).map { i in
      StudyDesign.Item(
        query: "q\(i)", condition: "c\(i % 3)", candidates: (0..<2).map { PlannedCandidate("\(i)-\($0)") })
    }
    let design = StudyDesign(definition: definition, version: "v", items: items, stimuli: [])
    for participant in [1, 2000] {
      let main = design.plan(participant: participant).trials.filter { !$0.isTraining && !$0.isRepeat && !$0.isCatch }
      #expect(Set(main.map(\.query)).count == 77)
    }
  }

  @Test("every session has the trials that the definition asks for, in a valid order", arguments: 0..<40)
  func shape(number: Int) {
    let random = RandomDesign(number)
    let wanted = random.design.definition.trials
    for participant in 1...12 {
      let trials = random.design.plan(participant: participant).trials
      #expect(trials.map(\.index) == Array(1...trials.count))
      #expect(trials.count { $0.isTraining } == min(wanted.training, random.design.items.count))
      #expect(trials.count { $0.isRepeat } == wanted.repeats)
      #expect(trials.count { $0.isCatch } == wanted.catches)
      let main = trials.filter { !$0.isTraining && !$0.isCatch && !$0.isRepeat }
      #expect(main.count == random.perParticipant)
      #expect(Set(main.map { ItemName(query: $0.query, condition: $0.condition) }).count == main.count)
      #expect(trials.drop { $0.isTraining }.allSatisfy { !$0.isTraining })
      #expect(trials.drop { $0.isTraining }.first?.isCatch != true)
      #expect(zip(trials, trials.dropFirst()).allSatisfy { !($0.isCatch && $1.isCatch) })
      for trial in trials {
        #expect(Set(trial.candidates).count == trial.candidates.count)
        let item = random.design.items.first { $0.query == trial.query && $0.condition == trial.condition }
        #expect(Set(trial.candidates) == Set((trial.isCatch ? item?.catchCandidates : item?.candidates) ?? []))
      }
    }
  }

  @Test("a repeat comes later, with every candidate at another position", arguments: 0..<40)
  func repeats(number: Int) throws {
    let random = RandomDesign(number)
    for participant in 1...12 {
      let trials = random.design.plan(participant: participant).trials
      for again in trials where again.isRepeat {
        let first = try #require(
          trials.first {
            !$0.isTraining && !$0.isCatch && !$0.isRepeat && $0.query == again.query && $0.condition == again.condition
          })
        #expect(first.index < again.index)
        if random.design.definition.trials.order == .shuffled, random.perParticipant >= 6 {
          #expect(again.index - first.index > max(2, random.perParticipant / 3))
        }
        #expect(zip(first.candidates, again.candidates).allSatisfy { $0 != $1 })
      }
    }
  }

  @Test(
    "items are shown equally often: ±1 from the first participant on, ±2 in any run of participants",
    arguments: 0..<40)
  func exposure(number: Int) {
    let random = RandomDesign(number)
    let names = random.design.items.map { ItemName(query: $0.query, condition: $0.condition) }
    let plans = (1...40).map { random.main($0).map { ItemName(query: $0.query, condition: $0.condition) } }
    func spread(_ range: ClosedRange<Int>) -> Int {
      var counts = [ItemName: Int](uniqueKeysWithValues: names.map { ($0, 0) })
      for name in plans[range].joined() { counts[name, default: 0] += 1 }
      return (counts.values.max() ?? 0) - (counts.values.min() ?? 0)
    }
    #expect((0..<40).allSatisfy { spread(0...$0) <= 1 })
    #expect((0..<40).allSatisfy { first in stride(from: first, to: 40, by: 3).allSatisfy { spread(first...$0) <= 2 } })
  }

  @Test("each candidate is at each position equally often, ±1, however many take part", arguments: 0..<40)
  func positions(number: Int) {
    let random = RandomDesign(number)
    var counts: [ItemName: [PlannedCandidate: [Int]]] = [:]
    for participant in 1...40 {
      for trial in random.main(participant) {
        let name = ItemName(query: trial.query, condition: trial.condition)
        for (position, candidate) in trial.candidates.enumerated() {
          counts[name, default: [:]][candidate, default: Array(repeating: 0, count: trial.candidates.count)][
            position] += 1
        }
      }
      for ofItem in counts.values {
        let all = ofItem.values.joined()
        #expect((all.max() ?? 0) - (all.min() ?? 0) <= 1)
      }
    }
  }

  @Test("with as many trials as queries, a listener hears each query once and all conditions equally often")
  func counterbalanced() {
    var definition = StudyDefinition()
    definition.trials.perParticipant = 12
    let items = (0..<12).flatMap { q in
      ["kick", "snare", "hihat"].map {
        StudyDesign.Item(query: "q\(q)", condition: $0, candidates: (0..<8).map { PlannedCandidate("\($0)") })
      }
    }
    let design = StudyDesign(definition: definition, version: "v", items: items, stimuli: [])
    for participant in 1...30 {
      let main = design.plan(participant: participant).trials.filter { !$0.isTraining && !$0.isRepeat }
      #expect(Set(main.map(\.query)).count >= 11)
      for condition in ["kick", "snare", "hihat"] {
        #expect((3...5).contains(main.count { $0.condition == condition }))
      }
    }
  }

  @Test("blocked order: one condition after another, and each is first, second and third equally often")
  func blocks() {
    var definition = StudyDefinition()
    definition.trials.order = .blocked
    definition.trials.catches = 0
    definition.trials.training = 0
    definition.trials.repeats = 3
    let items = (0..<6).flatMap { q in
      ["a", "b", "c"].map {
        StudyDesign.Item(query: "q\(q)", condition: $0, candidates: (0..<4).map { PlannedCandidate("\($0)") })
      }
    }
    let design = StudyDesign(definition: definition, version: "v", items: items, stimuli: [])
    var orders: [[String]: Int] = [:]
    for participant in 1...12 {
      var order: [String] = []
      for trial in design.plan(participant: participant).trials where order.last != trial.condition {
        order.append(trial.condition)
      }
      #expect(order.count == 3)
      orders[order, default: 0] += 1
    }
    #expect(orders.count == 6 && orders.values.allSatisfy { $0 == 2 })
  }

  @Test("blocked order: a check has its neighbours' condition, so that runs of conditions do not reveal it")
  func catchesInBlocks() {
    for participant in 1...40 {
      var definition = StudyDefinition()
      definition.trials.order = .blocked
      definition.trials.perParticipant = participant % 2 == 0 ? 6 : 18
      (definition.trials.training, definition.trials.repeats, definition.trials.catches) = (0, 1, 3)
      let items = (0..<6).flatMap { q in
        ["a", "b", "c"].map {
          let candidates = (0..<4).map { PlannedCandidate("\($0)") }
          return StudyDesign.Item(query: "q\(q)", condition: $0, candidates: candidates, catchCandidates: candidates)
        }
      }
      let design = StudyDesign(definition: definition, version: "v", items: items, stimuli: [])
      let trials = design.plan(participant: participant).trials
      #expect(trials.count { $0.isCatch } == 3)
      let runs = zip(trials, trials.dropFirst()).count { $0.condition != $1.condition } + 1
      #expect(runs == 3)
    }
  }

  @Test("training and checks use items that are not otherwise rated, while there are any")
  func elsewhere() {
    for number in 0..<40 {
      let random = RandomDesign(number)
      let trials = random.design.definition.trials
      guard random.design.items.count - random.perParticipant >= trials.training + trials.catches else { continue }
      for participant in 1...10 {
        let all = random.design.plan(participant: participant).trials
        let main = Set(random.main(participant).map { ItemName(query: $0.query, condition: $0.condition) })
        // In blocked order an attention check must have the block's condition, even if its item is rated elsewhere.
        for trial in all where trial.isTraining || trial.isCatch && trials.order == .shuffled {
          #expect(!main.contains(ItemName(query: trial.query, condition: trial.condition)))
        }
      }
    }
  }

  @Test("in a large study a plan is fast to make, whatever the listener's number")
  func far() {
    let items = (0..<100).map { q in
      StudyDesign.Item(query: "q\(q)", condition: "", candidates: (0..<8).map { PlannedCandidate("\($0)") })
    }
    var definition = StudyDefinition()
    definition.trials.perParticipant = 13
    let design = StudyDesign(definition: definition, version: "v", items: items, stimuli: [])
    #expect(design.plan(participant: 1_000_000).trials.count == 15)
  }
}
