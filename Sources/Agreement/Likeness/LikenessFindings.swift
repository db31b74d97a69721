import Basics
import Foundation
import Ratings
import Reporting
import Statistics
import Study

/// The findings from judgements of similarity: how similar each two sounds are, with intervals; how far listeners
/// agree; maps and trees of the sounds; and how well systems' maps fit them.
struct LikenessFindings {
  let table: LikenessTable
  let plan: AnalysisPlan

  /// The largest number of listeners for which all pairs are compared.
  private static let mostPaired = 400
  private static let resamples = 2000
  private var kind: LikenessTable.Kind { table.kind }

  func add(to findings: inout Findings, rankings: [Ranking], progress: NamedProgress = { _ in nil }) throws
    -> (claims: [Prose], rest: [Prose])
  {
    var claims: [Prose] = [], rest: [Prose] = []
    var weights = Self.weightTable, pairs = Self.pairTable, agreement = Self.agreementTable,
      people = Self.listenerTable, tree = Self.treeTable
    var space = PerceptualSpace(plan: plan)
    for set in table.sets {
      let told = try tell(set, &pairs)
      agree(set, &agreement, &people)
      grow(set, &tree, &agreement)
      space.add(set, of: table, rankings: rankings, progress: progress("map"))
      claims.append(claim(set, agreement, people))
      rest += told + weigh(set, &weights)
    }
    for row in space.tables[2].rows.indices {
      if let sentence = accord(space.tables[2], row) { rest.append(sentence) }
    }
    findings.tables += [pairs, agreement, people, tree, weights]
    findings.remarks += remarks
    findings.methods.append(methods)
    space.add(to: &findings)
    let note =
      "n = \(table.listeners.count, "listener"), \(table.rows - table.missing - table.aside, "row") of \(kind.rawValue)"
    for chart in ["likeness", "clusters", "map"] { findings.support[chart, default: []].append(note) }
    findings.citations += [
      "Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the American Statistical Association 22.",
      "Korn, E. L. & Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of positive counts estimated from survey data. Survey Methodology 24.",
      "Sokal, R. R. & Michener, C. D. (1958). A statistical method for evaluating systematic relationships. University of Kansas Science Bulletin 38.",
    ].filter { !findings.citations.contains($0) }
    if !weights.rows.isEmpty {
      findings.citations.append(
        "Carroll, J. D. & Chang, J.-J. (1970). Analysis of individual differences in multidimensional scaling via an N-way generalization of Eckart-Young decomposition. Psychometrika 35."
      )
    }
    if kind == .sortings {
      findings.citations.append("Hubert, L. & Arabie, P. (1985). Comparing partitions. Journal of Classification 2.")
    }
    return (claims, rest)
  }

  // MARK: Pairs of sounds

  private static let pairTable = ResultTable(
    "likeness", "Similarity of pairs",
    [
      .init("answers_to", "Answers"), .init("set", "Set"), .init("first", "First"), .init("second", "Second"),
      .init("likeness", "Similarity", digits: 3), .init("low", "Low", digits: 3), .init("high", "High", digits: 3),
      .init("intervals_over", "Intervals over"), .init("answers", "Answers", digits: 0),
      .init("listeners", "Listeners", digits: 0), .init("items", "Items", digits: 0),
    ])

  /// Adds the pairs of a set, the most similar first, and returns sentences on the most and the least similar.
  private func tell(_ set: LikenessTable.SoundSet, _ pairs: inout ResultTable) throws -> [Prose] {
    struct Row {
      var i: Int, j: Int, value: Double, interval: Interval?, over: String, answers: Int, listeners: Int, items: Int
    }
    let n = set.sounds.count
    var byPair: [Int: [Int]] = [:]
    for (k, judgement) in set.judgements.enumerated() {
      byPair[judgement.first * n + judgement.second, default: []].append(k)
    }
    let drawn = try crossed(set, pairs: byPair.count)
    let rows = byPair.map { key, places -> Row in
      let own = places.map { set.judgements[$0] }
      let mean = own.reduce(0) { $0 + $1.value } / Double(own.count)
      let figure = drawn?["\(key)"]
      let interval =
        figure.map { $0.isClaimed ? $0.interval(by: plan.interval, level: plan.confidence, within: 0...1) : nil }
        ?? interval(own, mean)
      return Row(
        i: key / n, j: key % n, value: mean, interval: interval, over: figure?.over ?? "listeners", answers: own.count,
        listeners: Set(own.map(\.listener)).count, items: Set(places.map { set.items[$0] }).count)
    }.sorted { ($1.value, $0.i, $0.j) < ($0.value, $1.i, $1.j) }
    for row in rows {
      pairs.add(
        .text(kind.rawValue), .text(set.name), .text(set.sounds[row.i]), .text(set.sounds[row.j]), .number(row.value),
        Cell(row.interval?.low), Cell(row.interval?.high), .text(row.interval == nil ? "" : row.over),
        .count(row.answers), .count(row.listeners), .count(row.items))
    }
    guard let first = rows.first, let last = rows.last, rows.count > 1 else { return [] }
    func told(_ row: Row) -> Prose {
      let interval: Prose =
        row.interval.map { " [\(100 * $0.low, digits: 0), \(100 * $0.high, digits: 0)]" } ?? ""
      return "\(set.sounds[row.i]) and \(set.sounds[row.j]) (\(100 * row.value, digits: 0) %" + interval + ")"
    }
    let about: Prose = set.name.isEmpty ? "" : "\(set.name): "
    if first.value == last.value {
      return [
        about
          + "All pairs are equally similar (\(100 * first.value, digits: 0) %); similarity is the \(kind.measure)."
      ]
    }
    return [
      about + "The most similar are " + told(first) + ", the least similar " + told(last)
        + "; similarity is the \(kind.measure)."
    ]
  }

  /// Figures over listeners and items, by pair, if systems' versions of enough items were heard; else nil.
  private func crossed(_ set: LikenessTable.SoundSet, pairs: Int) throws -> [String: SystemSample.Figure]? {
    guard table.isOfSystems, pairs <= ChoicePreferences.mostPairs,
      Set(set.items).count >= SystemSample.fewestItems
    else { return nil }
    let answers = zip(set.judgements, set.items).map { judgement, item in
      ShareAnswer(
        listener: table.listeners[judgement.listener], query: table.items[item], condition: "",
        of: "\(judgement.first * set.sounds.count + judgement.second)", value: judgement.value)
    }
    var own = plan
    own.conditions = []
    let sample = try SystemSample(shares: answers, plan: own, file: table.file)
    let means = sample.figures(differences: false)[0].means
    return Dictionary(uniqueKeysWithValues: zip(sample.names, means))
  }

  /// An interval over listeners, treating each listener's answers as a cluster. For a share it is Wilson's, with the
  /// number of independent cases that gives the same standard error, made smaller for few listeners by the squared ratio of
  /// the normal quantile to Student's, and at most the number of answers (Korn & Graubard 1998); for ratings, the mean ± t
  /// times the standard error.
  private func interval(_ own: [LikenessTable.Judgement], _ mean: Double) -> Interval? {
    var sums: [Int: (sum: Double, count: Double)] = [:]
    for one in own {
      let known = sums[one.listener] ?? (0, 0)
      sums[one.listener] = (known.sum + one.value, known.count + 1)
    }
    let n = Double(sums.count), all = Double(own.count)
    guard sums.count > 1 else { return nil }
    let squares = sums.values.map { ($0.sum - mean * $0.count) * ($0.sum - mean * $0.count) }.sorted().reduce(0, +)
    let tail = (1 + plan.confidence) / 2
    guard let t = StudentT(n - 1).quantile(tail), let z = Normal().quantile(tail) else { return nil }
    if kind != .pairs {
      // Listeners with one answer each are independent cases.
      guard squares > 1e-12 * all, all > n else { return Interval.wilson(mean, of: n, level: plan.confidence) }
      let cases = mean * (1 - mean) * all * all / (squares * n / (n - 1))
      return Interval.wilson(mean, of: max(1, min(all, cases * (z / t) * (z / t))), level: plan.confidence)
    }
    guard squares > 1e-12 * all else { return nil }
    let error = (squares * n / (n - 1)).squareRoot() / all
    return Interval(low: max(0, mean - t * error), high: min(1, mean + t * error))
  }

  // MARK: Agreement of listeners

  private static let agreementTable = ResultTable(
    "likeness_agreement", "Agreement between listeners on similarity",
    [
      .init("answers_to", "Answers"), .init("set", "Set"), .init("figure", "Figure"),
      .init("value", "Value", digits: 3),
      .init("low", "Low", digits: 3), .init("high", "High", digits: 3), .init("listeners", "Listeners", digits: 0),
      .init("comparisons", "Comparisons", digits: 0), .init("definition", "Definition"),
    ])
  private static let listenerTable = ResultTable(
    "sortings_by_listener", "Sortings by listener",
    [
      .init("set", "Set"), .init("listener", "Listener"), .init("sounds", "Sounds", digits: 0),
      .init("groups", "Groups", digits: 0), .init("largest", "Largest group", digits: 0),
      .init("adjusted_rand", "Mean adjusted Rand index", digits: 3),
    ])

  private func agree(_ set: LikenessTable.SoundSet, _ agreement: inout ResultTable, _ people: inout ResultTable) {
    switch kind {
    case .sortings:
      let cells = sortingsAlike(set)
      add(
        "adjusted_rand", cells, -1...1, to: &agreement, of: set,
        "adjusted Rand index of two listeners' groups of the sounds that both sorted, mean over pairs of listeners; interval: resampling listeners"
      )
      addListeners(of: set, cells, to: &people)
    case .oddities:
      add(
        "same_odd_one", odditiesAlike(set), 0...1, to: &agreement, of: set,
        "how often two listeners asked about the same three sounds choose the same odd one (chance 1/3); interval: resampling listeners"
      )
    case .pairs:
      let ratings = ratings(set)
      let found = pairAgreements(ratings) { a, b in a.count < 3 ? nil : spearman(a, b) }
      add(
        "spearman", found.map { .init(listener: $0.first, other: $0.second, query: 0, value: $0.value) }, -1...1,
        to: &agreement, of: set,
        "Spearman correlation of two listeners' ratings over the pairs that both rated, mean over pairs of listeners; interval: resampling listeners"
      )
      if let half = SplitHalf(ratings, splits: 200, seed: plan.seed) {
        agreement.add(
          .text(kind.rawValue), .text(set.name), .text("split_half"), .number(half.reliability), .missing, .missing,
          .count(ratings.raters), .count(half.splits),
          .text(
            "reliability of the mean over all listeners: correlation of random halves, stepped up (Spearman–Brown, Horst)"
          ))
      }
    }
  }

  /// Adds the mean of a figure over all pairs of listeners.
  private func add(
    _ figure: String, _ cells: [WeightedCells.Cell], _ bounds: ClosedRange<Double>, to agreement: inout ResultTable,
    of set: LikenessTable.SoundSet, _ definition: String
  ) {
    guard !cells.isEmpty else { return }
    // Listeners are renumbered, so that those of other sets are not drawn.
    var numbers = Numbering()
    let cells = cells.map { cell in
      WeightedCells.Cell(
        listener: numbers.number(cell.listener), other: cell.other.map { numbers.number($0) }, query: 0,
        value: cell.value)
    }
    let drawn = CrossedBootstrap(
      listeners: numbers.count, queries: 1, resamples: min(Self.resamples, plan.resamples), seed: plan.seed,
      factors: .listeners
    ).run(WeightedCells([cells]))
    let interval =
      numbers.count < 3
      ? nil
      : Sample.standardInterval(drawn, units: numbers.count, level: plan.confidence, within: bounds)
    agreement.add(
      .text(kind.rawValue), .text(set.name), .text(figure), .number(WeightedCells.mean(cells)), Cell(interval?.low),
      Cell(interval?.high), .count(numbers.count), .count(cells.count), .text(definition))
  }

  /// How similarly each two listeners sorted.
  private func sortingsAlike(_ set: LikenessTable.SoundSet) -> [WeightedCells.Cell] {
    let sortings = kept(set.sortings) { $0.listener }
    let compared = PerceptualSpace.pairs(sortings.count).filter {
      sortings[$0.0].listener != sortings[$0.1].listener && sortings[$0.0].item == sortings[$0.1].item
    }
    return pureMap(compared) { i, j -> WeightedCells.Cell? in
      let shared = sortings[i].groups.keys.filter { sortings[j].groups[$0] != nil }
      guard shared.count > 2 else { return nil }
      let value = adjustedRand(
        shared.map { sortings[i].groups[$0] ?? 0 }, shared.map { sortings[j].groups[$0] ?? 0 })
      return .init(listener: sortings[i].listener, other: sortings[j].listener, query: 0, value: value)
    }.compactMap(\.self)
  }

  /// Adds one row per listener who sorted, with how similarly the others did.
  private func addListeners(
    of set: LikenessTable.SoundSet, _ cells: [WeightedCells.Cell], to people: inout ResultTable
  ) {
    var sums: [Int: (Double, Int)] = [:]
    for cell in cells {
      for one in [cell.listener, cell.other ?? 0] {
        sums[one] = ((sums[one]?.0 ?? 0) + cell.value, (sums[one]?.1 ?? 0) + 1)
      }
    }
    for sorting in set.sortings.sorted(by: {
      table.listeners[$0.listener].compare(table.listeners[$1.listener], options: .numeric) == .orderedAscending
    }) {
      let sizes = Dictionary(grouping: sorting.groups.values) { $0 }.values.map(\.count)
      people.add(
        .text(set.name), .text(table.listeners[sorting.listener]), .count(sorting.groups.count), .count(sizes.count),
        .count(sizes.max() ?? 0), Cell(sums[sorting.listener].map { $0.0 / Double($0.1) }))
    }
  }

  /// Whether each two listeners who were asked about the same three sounds chose the same one.
  private func odditiesAlike(_ set: LikenessTable.SoundSet) -> [WeightedCells.Cell] {
    let byThree = Dictionary(grouping: set.oddities, by: \.three).sorted { $0.key.lexicographicallyPrecedes($1.key) }
    return byThree.flatMap { _, all in
      let asked = kept(all) { $0.listener }
      return PerceptualSpace.pairs(asked.count).filter { asked[$0.0].listener != asked[$0.1].listener }.map { i, j in
        WeightedCells.Cell(
          listener: asked[i].listener, other: asked[j].listener, query: 0,
          value: asked[i].odd == asked[j].odd ? 1 : 0)
      }
    }
  }

  /// Each listener's mean rating of each pair.
  private func ratings(_ set: LikenessTable.SoundSet) -> UnitRatings {
    struct Key: Hashable { var listener: Int, pair: Int }
    var sums: [Key: (sum: Double, count: Double)] = [:], units = Numbering(), raters = Numbering()
    for (judgement, item) in zip(set.judgements, set.items) {
      let pair = (item * set.sounds.count + judgement.first) * set.sounds.count + judgement.second
      let key = Key(listener: raters.number(judgement.listener), pair: units.number(pair))
      let known = sums[key] ?? (0, 0)
      sums[key] = (known.sum + judgement.value, known.count + 1)
    }
    let wanted = kept(Array(0..<raters.count)) { $0 }
    let number = Dictionary(uniqueKeysWithValues: wanted.enumerated().map { ($1, $0) })
    return UnitRatings(
      raters: wanted.count, units: units.count,
      ratings: sums.compactMap { key, value in
        number[key.listener].map { .init(rater: $0, unit: key.pair, value: value.sum / value.count) }
      })
  }

  /// The answers of `mostPaired` listeners, if there are more.
  private func kept<Said>(_ said: [Said], _ listener: (Said) -> Int) -> [Said] {
    let all = Array(Set(said.map(listener))).sorted()
    guard all.count > Self.mostPaired else { return said }
    var random = SeededRandom(seed: plan.seed, "paired listeners")
    let wanted = Set(random.shuffled(all).prefix(Self.mostPaired))
    return said.filter { wanted.contains(listener($0)) }
  }

  // MARK: Trees

  private static let treeTable = ResultTable(
    "clusters", "Clusters by similarity",
    [
      .init("answers_to", "Answers"), .init("set", "Set"), .init("step", "Step", digits: 0),
      .init("first", "Joins"), .init("second", "And"), .init("height", "Dissimilarity", digits: 3),
      .init("sounds", "Sounds", digits: 0), .init("members", "Members"),
    ])

  private func grow(_ set: LikenessTable.SoundSet, _ tree: inout ResultTable, _ agreement: inout ResultTable) {
    let n = set.sounds.count
    guard (3...PerceptualSpace.mostItems).contains(n) else { return }
    var sums = Array(repeating: Array(repeating: (0.0, 0.0), count: n), count: n)
    for one in set.judgements {
      sums[one.second][one.first].0 += one.value
      sums[one.second][one.first].1 += 1
    }
    let distances = (0..<n).map { i in
      (0..<n).map { j in
        let sum = sums[max(i, j)][min(i, j)]
        return i == j ? 0 : 1 - sum.0 / sum.1  // 0 / 0 is not a number
      }
    }
    guard let found = ClusterTree(distances) else { return }
    var members = set.sounds.map { [$0] }
    for (step, join) in found.joins.enumerated() {
      func name(_ number: Int) -> String { number < n ? set.sounds[number] : "step \(number - n + 1)" }
      members.append(members[join.first] + members[join.second])
      tree.add(
        .text(kind.rawValue), .text(set.name), .count(step + 1), .text(name(join.first)), .text(name(join.second)),
        .number(join.height), .count(join.size), .text((members.last ?? []).joined(separator: ", ")))
    }
    let heights = found.heights, pairs = PerceptualSpace.pairs(n)
    let x = pairs.map { distances[$0.0][$0.1] }, y = pairs.map { heights[$0.0][$0.1] }
    guard let cophenetic = pearson(x, y) else { return }
    agreement.add(
      .text(kind.rawValue), .text(set.name), .text("cophenetic"), .number(cophenetic), .missing, .missing,
      .count(Set(set.judgements.map(\.listener)).count), .count(pairs.count),
      .text("correlation between the dissimilarity of two sounds and the height at which the tree joins them"))
  }

  // MARK: Listeners' own weights

  private static let weightTable = ResultTable(
    "map_weights", "Listeners' weights of the two dimensions of a map",
    [
      .init("set", "Set"), .init("kind", "Row"), .init("name", "Listener or sound"),
      .init("first", "First dimension", digits: 3), .init("second", "Second dimension", digits: 3),
      .init("first_share", "Share of the first dimension", digits: 3), .init("explained", "Explained", digits: 3),
    ])
  /// The largest product of listeners × sounds², with which the cost of a search grows.
  private static let mostProducts = 400_000

  /// The map whose dimensions each listener weights, from listeners who rated all pairs of a set.
  private func weigh(_ set: LikenessTable.SoundSet, _ weights: inout ResultTable) -> [Prose] {
    let n = set.sounds.count
    guard kind == .pairs, n >= PerceptualSpace.fewestItems else { return [] }
    var sums: [Int: [(sum: Double, count: Double)]] = [:]
    for one in set.judgements {
      let place = max(one.first, one.second) * n + min(one.first, one.second)
      var own = sums[one.listener] ?? Array(repeating: (0, 0), count: n * n)
      own[place] = (own[place].sum + one.value, own[place].count + 1)
      sums[one.listener] = own
    }
    var listeners: [Int] = [], tables: [[[Double]]] = []
    for (listener, own) in sums.sorted(by: {
      table.listeners[$0.key].compare(table.listeners[$1.key], options: .numeric) == .orderedAscending
    }) {
      let unlike = (0..<n).map { i in
        (0..<n).map { j -> Double in
          let (sum, count) = own[max(i, j) * n + min(i, j)]
          return i == j ? 0 : 1 - sum / count  // 0 / 0 is not a number
        }
      }
      guard unlike.joined().allSatisfy(\.isFinite), unlike.joined().contains(where: { $0 > 0 }) else { continue }
      listeners.append(listener)
      tables.append(unlike)
    }
    guard listeners.count >= Verdict.leastListeners, listeners.count * n * n <= Self.mostProducts,
      let map = IndividualDifferences(tables, seed: plan.seed)
    else { return [] }
    for (name, point) in zip(set.sounds, map.points) {
      weights.add(
        .text(set.name), .text("sound"), .text(name), .number(point[0]), .number(point[1]), .missing, .missing)
    }
    let shares = map.weights.map { $0[0] / ($0[0] + $0[1]) }
    for (k, listener) in listeners.enumerated() {
      weights.add(
        .text(set.name), .text("listener"), .text(table.listeners[listener]), .number(map.weights[k][0]),
        .number(map.weights[k][1]), Cell(shares[k].isFinite ? shares[k] : nil), .number(map.explained[k]))
    }
    let told = shares.filter(\.isFinite)
    guard let least = told.min(), let most = told.max(), let explained = mean(map.explained) else { return [] }
    let about: Prose = set.name.isEmpty ? "" : "\(set.name): "
    return [
      about
        + "A map whose two dimensions each listener weights differently explains \(100 * explained, digits: 0) % of the answers of \(listeners.count, "listener") (mean share of squares); the first dimension has between \(100 * least, digits: 0) and \(100 * most, digits: 0) % of a listener's weight (table map_weights)."
        + (map.converged ? "" : " The search for it had not settled, so its weights are provisional.")
    ]
  }

  // MARK: Sentences

  private func claim(_ set: LikenessTable.SoundSet, _ agreement: ResultTable, _ people: ResultTable) -> Prose {
    let about: Prose = set.name.isEmpty ? "" : "\(set.name): "
    let listeners = Set(set.judgements.map(\.listener)).count
    let figures = agreement.rows(where: ["answers_to": kind.rawValue, "set": set.name])
    let row = figures.first { ["adjusted_rand", "same_odd_one", "spearman"].contains(agreement.text($0, "figure")) }
    let value = row.flatMap { agreement.number($0, "value") }
    let interval: Prose =
      if let row, let low = agreement.number(row, "low"), let high = agreement.number(row, "high") {
        " [\(low), \(high)]"
      } else { "" }
    let who: Prose = "\(listeners, "listener")"
    switch kind {
    case .sortings:
      let groups = people.rows(where: ["set": set.name]).compactMap { people.number($0, "groups") }
      let counts: Prose =
        "\(groups.min() ?? 0, digits: 0) to \(groups.max() ?? 0, digits: 0), on average \((mean(groups) ?? 0), digits: 1)"
      let sorted: Prose = about + who + " put \(set.sounds.count, "sound") into groups (" + counts + ")"
      return value.map {
        sorted + "; the mean adjusted Rand index of two listeners is \($0)" + interval
          + ", where 0 is chance and 1 identical groups."
      }
        ?? sorted + "."
    case .oddities:
      let asked: Prose =
        about + who
        + " chose the odd one of three \(set.oddities.count, "time"), among \(set.sounds.count, "sound")"
      return value.map {
        asked
          + "; two listeners asked the same question choose the same in \(100 * $0, digits: 0) % of cases, and by chance in 33 %."
      }
        ?? asked + "."
    case .pairs:
      let rated: Prose =
        about + who + " rated the similarity of two of \(set.sounds.count, "sound") \(set.judgements.count, "time")"
      return value.map { rated + "; the mean Spearman correlation of two listeners is \($0)" + interval + "." }
        ?? rated + "."
    }
  }

  private func accord(_ systems: ResultTable, _ row: Int) -> Prose? {
    guard let rho = systems.number(row, "spearman"), let p = systems.number(row, "spearman_p") else { return nil }
    let interval: Prose =
      if let low = systems.number(row, "low"), let high = systems.number(row, "high") {
        " [\(low), \(high)]"
      } else { "" }
    return
      "\(systems.text(row, "map")): the distances of \(systems.text(row, "system")) correlate with listeners' dissimilarities at \(rho)"
      + interval + " (Spearman; p \(p, digits: 3), permuting sounds)."
  }

  private var remarks: [Remark] {
    var found: [Remark] = []
    if table.missing > 0 {
      found.append(
        .init(
          code: "missing_\(kind.rawValue)", weight: .note,
          what:
            "\(table.missing, "row") of \(kind.rawValue) \(OneAndMany.words(table.missing, "has", "have")) no answer.",
          meaning: "They are omitted.", count: table.missing))
    }
    if table.alone > 0 {
      found.append(
        .init(
          code: "pages_without_pairs", weight: .note,
          what:
            "\(table.alone, "page") of \(kind.rawValue) \(OneAndMany.words(table.alone, "has", "have")) no two different sounds.",
          meaning: "They contain no information about similarity.", count: table.alone))
    }
    return found
  }

  private var methods: Prose {
    let drawn: Prose =
      kind == .pairs
      ? "the mean ± t × standard error over listeners"
      : "Wilson's, for the number of independent cases that gives the share's standard error over listeners, made smaller for few listeners and at most the number of answers (Korn & Graubard)"
    let asked: Prose =
      switch kind {
      case .pairs: "rated the similarity of two sounds"
      case .oddities: "chose the odd one of three sounds"
      case .sortings: "sorted sounds by similarity into as many groups as they liked"
      }
    return
      "\(table.listeners.count, "listener") " + asked
      + "; training trials, attention checks and repeats are not included. The similarity of two sounds is the \(kind.measure); its interval is "
      + drawn
      + ", or based on resampling listeners and items where systems' versions of \(SystemSample.fewestItems) or more items were heard. Trees repeatedly join the two most similar groups; the dissimilarity of two groups is the mean over their pairs (average linkage, Sokal & Michener 1958)."
      + (kind == .sortings
        ? " Agreement between two listeners is the adjusted Rand index (Hubert & Arabie 1985) of their groups of the sounds that both sorted."
        : kind == .pairs
          ? " If \(Verdict.leastListeners, "listener") or more rated all pairs of a set, table map_weights has one map whose dimensions each of them weights differently (INDSCAL, Carroll & Chang 1970): each listener's squared dissimilarities (1 − similarity) are double-centred and scaled to the same size, and weights are not negative; \u{201c}explained\u{201d} is the share of their sum of squares that the map reproduces."
          : "")
  }
}
