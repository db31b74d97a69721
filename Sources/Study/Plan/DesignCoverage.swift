/// What a design asks of a given number of listeners: how long it takes them, and how often each query, candidate and
/// position occurs. It counts the actual plans, without training trials, repeats and attention checks.
public struct DesignCoverage: Sendable, Equatable, Codable {
  /// The trials of one participant.
  public struct Session: Sendable, Equatable, Codable {
    /// Practice trials of the counted block, in the first participant's plan.
    public var training = 0
    /// Trials of the block that are none of the other three kinds, in the same plan.
    public var main = 0
    /// Trials of the block that are shown a second time, in the same plan.
    public var repeats = 0
    /// Attention checks of the block, in the same plan.
    public var catches = 0
    /// Fewest and most candidates on a page.
    public var fewestCandidates = 0
    /// Of any item of the block.
    public var mostCandidates = 0
    /// The mean duration of a whole session, over the participants.
    public var expectedMinutes = 0.0
    /// The same mean, by parts of the session.
    public var expected = ExpectedTime()
  }

  /// What the two systems of `trials.focus` get.
  public struct Focus: Sendable, Equatable, Codable {
    /// How many of all pages distinguish the two systems.
    public var items = 0
    /// How many of one participant's trials in the main block are such pages.
    public var trials = 0
  }

  /// How often an item is shown.
  public struct Item: Sendable, Equatable, Codable {
    /// What the item is about, as in `StudyDesign.Item`.
    public var query: String
    /// Empty if it has none.
    public var condition: String
    /// How many its page shows.
    public var candidates: Int
    /// How many participants rate it in the main block.
    public var shown = 0
  }

  /// How often a candidate is rated.
  public struct Candidate: Sendable, Equatable, Codable {
    /// Its name, as in `PlannedCandidate`.
    public var candidate: String
    /// How often it is rated in main blocks, over all items that contain it.
    public var shown = 0
  }

  /// A position on the page.
  public struct Position: Sendable, Equatable, Codable {
    /// `A`, `B` …
    public var position: String
    /// How many candidates were shown here in main blocks, and how many of them were the reference or the anchor.
    public var shown = 0
    /// How many of those shown were the true sample, or the item's reference.
    public var reference = 0
    /// How many of those shown were an anchor.
    public var anchor = 0
    /// Of all candidates of all items: how often the least frequent one is here, and the most frequent one.
    public var least = 0
    /// Of all candidates of all items: how often the most frequent one is here.
    public var most = 0
  }

  /// How many participants were counted, from the first one on.
  public var participants: Int
  /// Trials of the first participant in the counted block, and mean durations of whole sessions.
  public var session: Session
  /// Nil if all pages are asked equally often.
  public var focus: Focus?
  /// All items of the block, in the order of the design.
  public var items: [Item]
  /// Each once, in the order in which the items first have them.
  public var candidates: [Candidate]
  /// From A on, as many as the largest page has.
  public var positions: [Position]

  /// - Parameters:
  ///   - participants: how many participants to count, at least 1: the first ones of the first group that is given the
  ///     block.
  ///   - block: the index of the block whose trials are counted. If nil, the block of ratings, or else the first.
  public init(_ design: StudyDesign, participants: Int, block: Int? = nil) {
    self.participants = participants
    let block = block ?? design.ratingBlock ?? 0
    let asked = design.blocks[block]
    var count = Count(asked)
    var expected: [ExpectedTime] = []
    let group = design.definition.groups.first { design.definition.runs[block].isGiven(to: $0) }
    session = Session()
    for participant in 1...max(1, participants) {
      let all = design.plan(participant: participant, group: group).trials
      let trials = all.filter { $0.block == block },
        main = trials.filter { !$0.isTraining && !$0.isRepeat && !$0.isCatch }
      if participant == 1 {
        session.training = trials.count { $0.isTraining }
        session.repeats = trials.count { $0.isRepeat }
        session.catches = trials.count { $0.isCatch }
        session.main = trials.count - session.training - session.repeats - session.catches
        focus = count.focus(main)
      }
      expected.append(design.expectedTime(of: all))
      for trial in main { count.take(trial) }
    }
    func mean(_ part: KeyPath<ExpectedTime, Double>) -> Double {
      expected.reduce(0) { $0 + $1[keyPath: part] } / Double(expected.count)
    }
    session.expected.trials = mean(\.trials)
    session.expected.questions = mean(\.questions)
    session.expected.headphones = mean(\.headphones)
    session.expectedMinutes = session.expected.minutes
    session.fewestCandidates = count.items.map(\.candidates).min() ?? 0
    session.mostCandidates = count.items.map(\.candidates).max() ?? 0
    items = count.items
    (candidates, positions) = count.candidatesAndPositions(session.mostCandidates)
  }

  /// Counts how often each candidate of each item is at each position.
  private struct Count {
    let asked: [StudyDesign.Item]
    var items: [Item]
    private let index: [Name: Int]
    private var places: [[[Int]]]

    /// Identifies a page, whatever the order of its candidates.
    private struct Name: Hashable {
      var query, condition: String
      var candidates: Set<PlannedCandidate>

      init(_ query: String, _ condition: String, _ candidates: [PlannedCandidate]) {
        (self.query, self.condition, self.candidates) = (query, condition, Set(candidates))
      }
    }

    init(_ asked: [StudyDesign.Item]) {
      self.asked = asked
      items = asked.map { Item(query: $0.query, condition: $0.condition, candidates: $0.candidates.count) }
      index = Dictionary(
        asked.enumerated().map { (Name($1.query, $1.condition, $1.candidates), $0) }, uniquingKeysWith: min)
      places = asked.map { item in
        [[Int]](repeating: Array(repeating: 0, count: item.candidates.count), count: item.candidates.count)
      }
    }

    private func item(of trial: Trial) -> Int? { index[Name(trial.query, trial.condition, trial.candidates)] }

    mutating func take(_ trial: Trial) {
      guard let i = item(of: trial) else { return }
      items[i].shown += 1
      for (place, candidate) in trial.candidates.enumerated() {
        if let c = asked[i].candidates.firstIndex(of: candidate) { places[i][c][place] += 1 }
      }
    }

    /// The focus of one participant's trials. Nil if all pages have the same chance.
    func focus(_ trials: [Trial]) -> Focus? {
      let drawn = trials.filter { $0.chance != nil }.compactMap(item)
      guard !drawn.isEmpty else { return nil }
      var focus = Focus(items: asked.count(where: \.isInFocus))
      focus.trials = drawn.count { asked[$0].isInFocus }
      return focus
    }

    /// - Parameter most: the most candidates on a page.
    func candidatesAndPositions(_ most: Int) -> ([Candidate], [Position]) {
      var order: [String] = []
      var shown: [String: Int] = [:]
      var positions = (0..<most).map { Position(position: Study.Position.letter($0 + 1), least: .max) }
      for (item, counts) in zip(asked, places) {
        for (candidate, byPlace) in zip(item.candidates, counts) {
          if shown[candidate.candidate] == nil { order.append(candidate.candidate) }
          shown[candidate.candidate, default: 0] += byPlace.reduce(0, +)
          for (place, count) in byPlace.enumerated() {
            positions[place].shown += count
            if candidate.isReference { positions[place].reference += count }
            if candidate.isAnchor { positions[place].anchor += count }
            positions[place].least = min(positions[place].least, count)
            positions[place].most = max(positions[place].most, count)
          }
        }
      }
      return (order.map { Candidate(candidate: $0, shown: shown[$0] ?? 0) }, positions)
    }
  }
}
