import Basics

extension StudyDesign {
  /// The trials of one participant, in order: training first, then the main block with its repeats and attention
  /// checks.
  ///
  /// A pure function of the study, the participant's number, the group and the seed. Over the participants, queries,
  /// conditions, blocks and positions are balanced (`ItemAssignment`, `BalancedOrder`). The rest is random.
  ///
  /// - A repeat comes some way after its first showing (a third of its block, if there is room), and no candidate has
  ///   the same position again.
  /// - Attention checks are spread over the session, never first in the main block and never adjacent. They and the
  ///   training trials use items that the participant does not rate otherwise, as long as there are any. If conditions
  ///   are blocked, a check asks for the condition of its block if any check can.
  /// - Parameters:
  ///   - participant: from 1. If there are groups, counted within the listener's group.
  ///   - group: the listener's group. If nil although there are groups, the first one.
  ///   - seed: the study's own if nil.
  public func plan(participant: Int, group: String? = nil, seed: UInt64? = nil) -> Plan {
    precondition(participant >= 1, "participants count from 1")
    let (seed, runs) = (seed ?? definition.trials.seed, definition.runs)
    var trials: [Trial] = []
    for block in blockOrder(participant: participant, group: group ?? definition.groups.first, seed: seed) {
      // Each block has draws of its own.
      var random = SeededRandom(seed: seed, "block", runs[block].name)
      var planner = Planner(
        items: blocks[block], settings: runs[block].trials, participant: participant,
        seed: definition.blocks.isEmpty ? seed : random.next())
      for var trial in planner.trials() {
        (trial.index, trial.type, trial.block) = (trials.count + 1, runs[block].type, block)
        trials.append(trial)
      }
    }
    return Plan(studyVersion: version, participant: participant, trials: trials)
  }

  /// The indices of the blocks in the order in which a participant meets them.
  private func blockOrder(participant: Int, group: String?, seed: UInt64) -> [Int] {
    let places = definition.runs.indices.filter { definition.runs[$0].isGiven(to: group) }
    switch definition.blockOrder {
    case .written: return places
    case .shuffled:
      var random = SeededRandom(seed: seed, "order of blocks", "participant \(participant)")
      return random.shuffled(places)
    case .balanced:
      return BalancedOrder(count: places.count).order(use: participant - 1, seed: seed, stream: "order of blocks")
        .map { places[$0] }
    }
  }

  /// The groups of listeners. A single nil if there are none.
  public var groups: [String?] { definition.groups.isEmpty ? [nil] : definition.groups }

  /// How many trials of all kinds each participant has, in the group that has most.
  public var trialsPerParticipant: Int {
    groups.map { plan(participant: 1, group: $0).trials.count }.max() ?? 0
  }

  /// How many questions each participant is asked, in the group that is asked most.
  public var questionsPerParticipant: Int {
    groups.map { group in
      steps(of: plan(participant: 1, group: group).trials).filter { $0.kind == .questionnaire }.reduce(0) {
        $0 + questions(of: $1).count
      }
    }.max() ?? 0
  }
}

/// Plans one participant's trials of one block.
private struct Planner {
  let items: [StudyDesign.Item]
  let settings: StudyDefinition.Trials
  let participant: Int
  let seed: UInt64
  var random: SeededRandom
  let main: [Int]
  let before: [Int]
  /// The probability that each item is in `main`. Empty if all have the same.
  let chances: [Double]

  /// A planned trial: an item, and why it is shown.
  struct Showing: Equatable {
    enum Purpose { case training, main, repeated, caught }
    var item: Int
    var purpose: Purpose
  }

  init(items: [StudyDesign.Item], settings: StudyDefinition.Trials, participant: Int, seed: UInt64) {
    self.items = items
    self.settings = settings
    self.participant = participant
    self.seed = seed
    random = SeededRandom(seed: seed, "plan", "participant \(participant)")
    let count = min(settings.perParticipant ?? items.count, items.count)
    (main, before, chances) = Self.main(items, count: count, settings: settings, participant: participant, seed: seed)
  }

  /// The items of the main block, how often each was shown to earlier participants, and the probability that it is
  /// shown.
  ///
  /// With `focus`, the items in focus and all others are assigned separately, each kind as evenly as possible. An
  /// item's probability is the number of trials of its kind divided by the number of items of that kind, the same for
  /// all participants and never 0.
  private static func main(
    _ items: [StudyDesign.Item], count: Int, settings: StudyDefinition.Trials, participant: Int, seed: UInt64
  ) -> (main: [Int], before: [Int], chances: [Double]) {
    let kinds = [true, false].map { isInFocus in items.indices.filter { items[$0].isInFocus == isInFocus } }
    guard count > 1, count < items.count, kinds.allSatisfy({ !$0.isEmpty }) else {
      let (main, before) = ItemAssignment(items, perParticipant: count, seed: seed).items(of: participant)
      return (main, before, [])
    }
    let wanted = Int((settings.focusShare * Double(count)).rounded())
    let inFocus = max(1, count - kinds[1].count, min(wanted, kinds[0].count, count - 1))
    var (main, before) = ([Int](), [Int](repeating: 0, count: items.count))
    var chances = [Double](repeating: 0, count: items.count)
    for (kind, (trials, name)) in zip(kinds, [(inFocus, "in focus"), (count - inFocus, "others")]) {
      var random = SeededRandom(seed: seed, "focus", name)
      let (shown, earlier) = ItemAssignment(kind.map { items[$0] }, perParticipant: trials, seed: random.next())
        .items(of: participant)
      main += shown.map { kind[$0] }
      for (item, earlier) in zip(kind, earlier) {
        before[item] = earlier
        chances[item] = Double(trials) / Double(kind.count)
      }
    }
    return (main.sorted(), before, chances)
  }

  mutating func trials() -> [Trial] {
    let blocks = blocks()
    let order = blocks.flatMap(\.self)
    let training = trainingItems(order)
    let showings =
      training.map { Showing(item: $0, purpose: .training) } + withCatches(withRepeats(blocks), training)
    var shownFirst: [Int: [PlannedCandidate]] = [:]
    return showings.enumerated().map { i, showing in
      let item = items[showing.item]
      let candidates =
        switch showing.purpose {
        case .training: random.shuffled(item.candidates)
        case .caught: random.shuffled(item.catchCandidates)
        case .main: balanced(showing.item)
        case .repeated: displaced(shownFirst[showing.item] ?? item.candidates)
        }
      if showing.purpose == .main { shownFirst[showing.item] = candidates }
      var trial = Trial(
        index: i + 1, query: item.query, sound: item.sound, condition: item.condition, candidates: candidates,
        isTraining: showing.purpose == .training, isCatch: showing.purpose == .caught,
        isRepeat: showing.purpose == .repeated)
      if !chances.isEmpty, [.main, .repeated].contains(showing.purpose) { trial.chance = chances[showing.item] }
      return trial
    }
  }

  /// The main block in order: a single block, or one per condition.
  private mutating func blocks() -> [[Int]] {
    if settings.order == .written { return main.isEmpty ? [] : [main] }
    guard settings.order == .blocked else { return main.isEmpty ? [] : [apart(main)] }
    var conditions: [String] = []
    for item in items where !conditions.contains(item.condition) { conditions.append(item.condition) }
    let order = BalancedOrder(count: conditions.count).order(use: participant - 1, seed: seed, stream: "blocks")
    var blocks: [[Int]] = []
    for condition in order {
      let block = main.filter { items[$0].condition == conditions[condition] }
      if !block.isEmpty { blocks.append(apart(block)) }
    }
    return blocks
  }

  /// A random order: of a few shuffles, the one with the fewest neighbours that share a query.
  private mutating func apart(_ block: [Int]) -> [Int] {
    var best = (items: block, cost: Int.max)
    for _ in 0..<8 where best.cost > 0 {
      let shuffled = random.shuffled(block)
      let cost = zip(shuffled, shuffled.dropFirst()).count { items[$0].query == items[$1].query }
      if cost < best.cost { best = (shuffled, cost) }
    }
    return best.items
  }

  /// Each repeat stays in its block, at least a third of the block after its first showing if there is room. Repeats
  /// that do not fit into the blocks come last.
  private mutating func withRepeats(_ blocks: [[Int]]) -> [Showing] {
    var wanted = min(settings.repeats, main.count)
    var ofBlock = [Int](repeating: 0, count: blocks.count)
    let turns = random.shuffled(Array(blocks.indices))
    var gave = true
    while wanted > 0, gave {
      gave = false
      for block in turns where wanted > 0 && ofBlock[block] < blocks[block].count / 2 {
        ofBlock[block] += 1
        wanted -= 1
        gave = true
      }
    }
    var showings: [Showing] = []
    var repeated: Set<Int> = []
    for (block, count) in zip(blocks, ofBlock) {
      let half = max(block.count / 2, count)
      var behind: [Int: [Int]] = [:]
      for place in random.shuffled(Array(0..<half)).prefix(count) {
        let earliest = min(block.count, place + 1 + max(2, block.count / 3))
        behind[earliest + random.below(block.count - earliest + 1), default: []].append(block[place])
        repeated.insert(block[place])
      }
      for place in 0...block.count {
        for item in random.shuffled(behind[place, default: []]) {
          showings.append(Showing(item: item, purpose: .repeated))
        }
        if place < block.count { showings.append(Showing(item: block[place], purpose: .main)) }
      }
    }
    let last = blocks.flatMap(\.self).filter { !repeated.contains($0) }.prefix(wanted)
    return showings + last.map { Showing(item: $0, purpose: .repeated) }
  }

  /// Items that are not rated otherwise, or else those whose turn comes last.
  private mutating func trainingItems(_ order: [Int]) -> [Int] {
    let wanted = min(settings.training, items.count)
    let others = random.shuffled(items.indices.filter { !order.contains($0) })
    return Array((others + order.reversed()).prefix(wanted))
  }

  private mutating func withCatches(_ showings: [Showing], _ training: [Int]) -> [Showing] {
    let able = items.indices.filter { !items[$0].catchCandidates.isEmpty }
    let count = able.isEmpty ? 0 : min(settings.catches, showings.count)
    guard count > 0 else { return showings }
    // Divide the trials into `count` equal stretches and put one check in each, after a trial: hence never first, never
    // adjacent.
    let places = (0..<count).map { part in
      let low = showings.count * part / count + 1, high = showings.count * (part + 1) / count
      return low + random.below(high - low + 1)
    }
    let rated = Set(main)
    var used = Set(training)
    var result: [Showing] = []
    for (i, showing) in showings.enumerated() {
      result.append(showing)
      guard places.contains(i + 1) else { continue }
      let near = Set([showing.item] + (i + 1 < showings.count ? [showings[i + 1].item] : []))
      let nearQueries = Set(near.map { items[$0].query })
      let unrated = able.filter { !rated.contains($0) && !used.contains($0) }
      // In order of preference: not rated otherwise and with another query than the neighbours, down to any.
      var choices = [
        unrated.filter { !nearQueries.contains(items[$0].query) }, unrated,
        able.filter { !used.contains($0) && !near.contains($0) }, able.filter { !near.contains($0) }, able,
      ]
      if settings.order == .blocked {
        // A single trial of another condition would stand out in its block.
        let fitting = choices.map { $0.filter { items[$0].condition == items[showing.item].condition } }
        choices = fitting + choices
      }
      let tier = choices.first { !$0.isEmpty } ?? able
      let item = random.pick(tier)
      used.insert(item)
      result.append(Showing(item: item, purpose: .caught))
    }
    return result
  }

  /// Positions are balanced over all showings of the item in main blocks.
  private func balanced(_ index: Int) -> [PlannedCandidate] {
    let item = items[index]
    return BalancedOrder(count: item.candidates.count)
      .order(use: before[index], seed: seed, stream: "positions \(item.query) \(item.condition)\(item.part)")
      .map { item.candidates[$0] }
  }

  /// A random order in which no candidate keeps its position.
  private mutating func displaced(_ candidates: [PlannedCandidate]) -> [PlannedCandidate] {
    guard candidates.count > 1 else { return candidates }
    // About one shuffle in e moves everything.
    while true {
      let shuffled = random.shuffled(candidates)
      if zip(candidates, shuffled).allSatisfy({ $0 != $1 }) { return shuffled }
    }
  }
}
