import Basics
import Foundation
import Ratings
import Reporting
import Statistics
import Study

/// Maps of how similar sounds are to listeners, and how well systems' maps fit them.
///
/// These tables can hold enough for one:
/// - `ratings`: the same sounds are queries and candidates, so a rating of j for the query i says how dissimilar the
///   two are: (highest rating - mean rating) / scale, with listeners' effects removed and both directions averaged.
/// - `profiles`: the same candidates are rated for several queries. The dissimilarity of two is the root mean square of
///   the differences of their mean ratings, over the queries that both were rated for.
/// - `triplets`: answers to which of two sounds is more like a third, by ordinal embedding.
/// - `pairs`, `oddities` and `sortings`: the dissimilarity of two is 1 minus their likeness (`LikenessTable`).
struct PerceptualSpace {
  enum Kind: String, Sendable { case ratings, profiles, triplets }

  /// Fewer sounds fit in a plane whatever listeners say.
  static let fewestItems = 5
  /// More names than this cannot be read on a map, and each round of a search costs their square.
  static let mostItems = 200
  /// A profile over fewer queries is due to chance.
  static let fewestShared = 3
  /// A non-metric map with less stress has collapsed groups to points, unless the sounds really do lie in a plane.
  static let leastStress = 0.01
  static let permutations = 999
  static let resamples = 400

  let plan: AnalysisPlan
  var tables: [ResultTable] = [Self.points, Self.quality, Self.comparison]
  var remarks: [Remark] = []
  /// For each map that was drawn, a sentence for the methods.
  var methods: [Prose] = []

  init(plan: AnalysisPlan) { self.plan = plan }

  static let points = ResultTable(
    "map_points", "Maps of the sounds",
    [
      .init("map", "Map"), .init("method", "Method"), .init("of", "Of"), .init("sound", "Sound"),
      .init("x", "x", digits: 3), .init("y", "y", digits: 3),
    ])
  static let quality = ResultTable(
    "map_quality", "Fit of the maps",
    [
      .init("map", "Map"), .init("method", "Method"), .init("sounds", "Sounds", digits: 0),
      .init("pairs", "Pairs known", digits: 0), .init("pairs_possible", "Pairs possible", digits: 0),
      .init("answers", "Answers", digits: 0), .init("listeners", "Listeners", digits: 0),
      .init("stress", "Stress-1", digits: 3), .init("explained", "Explained", digits: 3),
      .init("agreement", "Answers reproduced", digits: 3), .init("held_out", "Held-out answers predicted", digits: 3),
      .init("converged", "Converged"), .init("shown", "Shown"),
    ])
  static let comparison = ResultTable(
    "map_systems", "Systems' maps compared with the listeners'",
    [
      .init("map", "Map"), .init("system", "System"), .init("procrustes", "Procrustes correlation", digits: 3),
      .init("procrustes_p", "p", digits: 4), .init("spearman", "Spearman of dissimilarities", digits: 3),
      .init("low", "Low", digits: 3), .init("high", "High", digits: 3), .init("spearman_p", "p", digits: 4),
      .init("from", "From"), .init("sounds", "Sounds", digits: 0), .init("pairs", "Pairs", digits: 0),
    ])

  func add(to findings: inout Findings) {
    findings.tables += tables
    findings.remarks += remarks
    findings.methods += methods
    if !methods.isEmpty { findings.citations += Self.citations.filter { !findings.citations.contains($0) } }
  }

  static let citations = [
    "Kruskal, J. B. (1964). Multidimensional scaling by optimizing goodness of fit to a nonmetric hypothesis. Psychometrika 29.",
    "Gower, J. C. (1966). Some distance properties of latent root and vector methods used in multivariate analysis. Biometrika 53.",
    "de Leeuw, J. (1977). Applications of convex analysis to multidimensional scaling. Recent developments in statistics.",
    "Schönemann, P. H. & Carroll, R. M. (1970). Fitting one matrix to another under choice of a central dilation and a rigid motion. Psychometrika 35.",
    "Mantel, N. (1967). The detection of disease clustering and a generalized regression approach. Cancer Research 27.",
    "van der Maaten, L. & Weinberger, K. (2012). Stochastic triplet embedding. IEEE MLSP.",
  ]

  // MARK: Maps of ratings

  /// Adds a map of what was rated, or a remark that says why there is none.
  mutating func add(_ sample: Sample, rankings: [Ranking], progress: ProgressHandler? = nil) {
    let direct = RatedPairs(sample), profiles = RatedProfiles(sample)
    let answers = sample.pages.reduce(0) { $0 + $1.ratings.count }
    for (kind, heard) in [(Kind.ratings, direct as any Heard), (.profiles, profiles)] {
      guard let names = heard.usable else { continue }
      let orders = SystemDistances(rankings, plan: plan)
      draw(
        kind.rawValue, names.map { heard.names[$0] }, answers: answers, listeners: sample.study.listeners.count,
        heard: { weights in heard.table(names, weights) },
        systems: orders.systems.map { system in
          (system, orders.usesRanks(system), heard.table(names, of: system, in: orders))
        },
        unlike: kind == .ratings
          ? "\(names.count, "sound") were both queries and candidates. The dissimilarity of two is the highest possible rating minus the mean of their ratings for one another, after removing listeners' additive effects, as a share of the scale."
          : "\(names.count, "candidate") were rated for several queries. The dissimilarity of two is the root mean square of the differences between their mean ratings over the queries they share, after removing listeners' additive effects.",
        progress: progress)
      return
    }
    remarks.append(
      .init(
        code: "no_perceptual_map", weight: .note,
        what: "There is no map of the sounds: too few candidates recur.",
        meaning: direct.lack + " " + profiles.lack + " Triplets (--triplets) also make a map.", count: 1))
  }

  private mutating func draw(
    _ kind: String, _ names: [String], answers: Int, listeners: Int,
    heard: @Sendable @escaping ([Int32]?) -> [[Double?]], systems: [(name: String, ranks: Bool, table: [[Double?]])],
    unlike: String, progress: ProgressHandler?
  ) {
    let table = heard(nil), n = names.count
    guard let nonMetric = PerceptualMap.nonMetric(table, starts: 20, seed: plan.seed) else { return }
    let classical = PerceptualMap.classical(table)
    // If groups have collapsed to points, the stress is near zero and the map shows nothing but the groups.
    let shrank = nonMetric.stress < Self.leastStress && (classical?.stress ?? 0) > Self.leastStress
    let method = shrank ? "classical" : "nonmetric", points = (shrank ? classical?.points : nil) ?? nonMetric.points
    let pairs = Self.pairs(n).filter { table[$0.0][$0.1] != nil }
    for (name, map) in [("classical", classical), ("nonmetric", nonMetric)] {
      guard let map else { continue }
      let positive = map.eigenvalues.filter { $0 > 0 }.reduce(0, +)
      tables[1].add(
        .text(kind), .text(name), .count(n), .count(pairs.count), .count(n * (n - 1) / 2), .count(answers),
        .count(listeners), .number(map.stress),
        Cell(map.eigenvalues.isEmpty ? nil : map.eigenvalues.prefix(2).reduce(0, +) / positive), .missing, .missing,
        .flag(map.converged), .flag(name == method))
      place(kind, name, "listeners", names, map.points)
    }
    let statistic = FunctionStatistic(outputs: systems.count) { weights in
      let drawn = heard(weights.listeners)
      return systems.map { Self.spearman(drawn, $0.table, Array(0..<n)) }
    }
    let count = systems.isEmpty ? 0 : min(Self.resamples, plan.resamples)
    let drawn = CrossedBootstrap(
      listeners: listeners, queries: 1, resamples: count, seed: plan.seed, factors: .listeners
    ).run(statistic, progress: progress)
    for (s, system) in systems.enumerated() {
      guard let rho = Self.spearman(table, system.table, Array(0..<n)) else { continue }
      let known = pairs.count { system.table[$0.0][$0.1] != nil }
      let interval = Sample.standardInterval(drawn, s, units: listeners, level: plan.confidence, within: -1...1)
      let rhoP = p(system.name, "mantel", n, rho) { Self.spearman(table, system.table, $0) }
      compare(
        kind, method, names, points, system.name, system.table, usesRanks: system.ranks, known: known,
        spearman: (rho, interval, rhoP))
    }
    methods.append(
      "\(unlike) They were mapped by classical scaling (Gower 1966) and by non-metric scaling, which minimises stress-1 (Kruskal 1964; SMACOF, de Leeuw 1977; 20 random starts and the classical map). \(compared(systems.map(\.name)))"
    )
  }

  private func compared(_ systems: [String]) -> String {
    systems.isEmpty
      ? ""
      : "A system's dissimilarities of the same pairs are compared with these by Spearman's correlation (interval: resampling listeners; p: permuting sounds, Mantel 1967), and its map with the listeners' map that is shown, by Procrustes rotation (Schönemann & Carroll 1970; p: permuting points)."
  }

  /// Fits a system's map to the listeners' and notes how well it fits.
  private mutating func compare(
    _ kind: String, _ method: String, _ names: [String], _ points: [[Double]], _ system: String, _ table: [[Double?]],
    usesRanks: Bool, known: Int, spearman: (Double, Interval?, Double?)?
  ) {
    let n = names.count
    // Maps are compared with maps of the same kind. A classical map needs all pairs; the listeners' had them.
    let own =
      (method == "classical" ? PerceptualMap.classical(table) : nil)
      ?? PerceptualMap.nonMetric(table, starts: 10, seed: plan.seed)
    let fitted = own.flatMap { Procrustes($0.points, onto: points) }
    let fittedP = fitted.flatMap { fitted in
      p(system, "procrustes", n, fitted.correlation) { order in
        own.flatMap { own in Procrustes(order.map { own.points[$0] }, onto: points)?.correlation }
      }
    }
    if let fitted { place(kind, method, system, names, fitted.mapped) }
    tables[2].add(
      .text(kind), .text(system), Cell(fitted?.correlation), Cell(fittedP), Cell(spearman?.0),
      Cell(spearman?.1?.low), Cell(spearman?.1?.high), Cell(spearman?.2), .text(usesRanks ? "ranks" : "distances"),
      .count(n), .count(known))
  }

  private mutating func place(_ kind: String, _ method: String, _ of: String, _ names: [String], _ points: [[Double]]) {
    for (name, point) in zip(names, points) {
      tables[0].add(
        .text(kind), .text(method), .text(of), .text(name), .number(point[0]), .number(point[1]))
    }
  }

  /// The p-value: the share of permutations of the sounds whose figure is at least the one found, counting that one
  /// too.
  private func p(_ system: String, _ figure: String, _ n: Int, _ found: Double, _ permuted: ([Int]) -> Double?)
    -> Double?
  {
    var random = SeededRandom(seed: plan.seed, "perceptual space", figure, system), reached = 1
    for _ in 0..<Self.permutations where permuted(random.shuffled(Array(0..<n))) ?? -2 >= found - 1e-12 { reached += 1 }
    return Double(reached) / Double(Self.permutations + 1)
  }

  static func pairs(_ n: Int) -> [(Int, Int)] { (0..<n).flatMap { i in (0..<i).map { (i, $0) } } }

  /// The correlation over pairs that both tables hold, with the second table's sounds in the given order.
  static func spearman(_ a: [[Double?]], _ b: [[Double?]], _ order: [Int]) -> Double? {
    var x: [Double] = [], y: [Double] = []
    for (i, row) in a.enumerated() {
      let other = b[order[i]]
      for j in 0..<i {
        guard let left = row[j], let right = other[order[j]] else { continue }
        x.append(left)
        y.append(right)
      }
    }
    return x.count > 2 ? Statistics.spearman(x, y) : nil
  }

  // MARK: Maps of similarity

  /// Adds a map of sounds that were judged two at a time, or a remark that says why there is none.
  mutating func add(
    _ set: LikenessTable.SoundSet, of table: LikenessTable, rankings: [Ranking], progress: ProgressHandler? = nil
  ) {
    let heard = JudgedPairs(set), title = set.name.isEmpty ? "" : ": \(set.name)"
    guard let names = heard.usable else {
      remarks.append(
        .init(
          code: "no_perceptual_map", weight: .note,
          what: "There is no map of the \(table.kind.rawValue)\(title).", meaning: heard.lack, count: 1))
      return
    }
    let orders = SystemDistances(rankings, plan: plan)
    draw(
      table.kind.rawValue + title, names.map { heard.names[$0] }, answers: set.judgements.count,
      listeners: Set(set.judgements.map(\.listener)).count, heard: { weights in heard.table(names, weights) },
      systems: orders.systems.map { system in
        (system, orders.usesRanks(system), heard.table(names, of: system, in: orders))
      }.filter { $0.2.enumerated().contains { i, row in row.prefix(i).contains { $0 != nil } } },
      unlike:
        "\(names.count, "sound") were judged together (\(table.kind.rawValue)\(title)). The dissimilarity of two is 1 minus their similarity.",
      progress: progress)
  }

  // MARK: Maps of triplets

  /// Adds a map of triplets, or a remark that says why there is none.
  mutating func add(_ table: ChoiceTable, rankings: [Ranking], progress: ProgressHandler? = nil) {
    let names = table.candidates.all, n = names.count
    let triplets = table.answers.compactMap { answer -> OrdinalEmbedding.Triplet? in
      guard let decided = answer.decided, let anchor = table.candidates.find(table.queries.all[answer.query]) else {
        return nil
      }
      return .init(anchor: Int(anchor), near: decided.chosen, far: decided.other)
    }
    func none(_ why: Prose, _ mend: String) {
      remarks.append(
        .init(
          code: "no_perceptual_map", weight: .note, what: "There is no map of the triplets: " + why, meaning: mend,
          count: 1))
    }
    guard (Self.fewestItems...Self.mostItems).contains(n) else {
      return none(
        "they are about \(n, "sound").", "A map needs \(Self.fewestItems) to \(Self.mostItems) of them.")
    }
    guard triplets.count >= 4 * n else {
      return none(
        "there \(OneAndMany.words(triplets.count, "is", "are")) only \(triplets.count, "decided answer") about \(n, "sound").",
        "Two coordinates per sound need at least \(4 * n, "answer"), and preferably ten times as many.")
    }
    guard let map = OrdinalEmbedding(triplets, items: n, seed: plan.seed) else {
      return none("they fall into groups of sounds that no triplet links.", "Ask about sounds of different groups too.")
    }
    progress?(1, 2)
    tables[1].add(
      .text(Kind.triplets.rawValue), .text("ordinal"), .count(n), .missing, .count(n * (n - 1) / 2),
      .count(triplets.count), .count(table.listeners.count), .missing, .missing, .number(map.agreement),
      Cell(heldOut(triplets, n)), .flag(map.converged), .flag(true))
    place(Kind.triplets.rawValue, "ordinal", "listeners", names, map.points)
    progress?(2, 2)
    let orders = SystemDistances(rankings, plan: plan)
    for system in orders.systems {
      let own = orders.between(names, of: system)
      let known = Self.pairs(n).count { own[$0.0][$0.1] != nil }
      guard known > 0 else { continue }
      compare(
        Kind.triplets.rawValue, "ordinal", names, map.points, system, own, usesRanks: orders.usesRanks(system),
        known: known,
        spearman: nil)
    }
    let compared =
      orders.systems.isEmpty
      ? ""
      : " A system's non-metric map is compared with it by Procrustes rotation (Schönemann & Carroll 1970; p: permuting points)."
    methods.append(
      "\(triplets.count, "decided triplet") of \(n, "sound") were embedded in the plane by t-STE (van der Maaten & Weinberger 2012; the most likely of ten random starts). How well it predicts held-out answers is estimated by five-fold cross-validation.\(compared)"
    )
  }

  /// The share of answers that maps of the other answers predict, in five-fold cross-validation.
  private func heldOut(_ triplets: [OrdinalEmbedding.Triplet], _ n: Int) -> Double? {
    var random = SeededRandom(seed: plan.seed, "triplets held out")
    let order = random.shuffled(Array(triplets.indices))
    var right = 0.0, asked = 0
    for fold in 0..<5 {
      let test = order.enumerated().filter { $0.offset % 5 == fold }.map { triplets[$0.element] }
      let rest = order.enumerated().filter { $0.offset % 5 != fold }.map { triplets[$0.element] }
      guard let map = OrdinalEmbedding(rest, items: n, starts: 4, seed: plan.seed) else { continue }
      right += Double(test.count) * map.agreement(with: test)
      asked += test.count
    }
    return asked > 0 ? right / Double(asked) : nil
  }
}

/// What ratings say about dissimilarities.
private protocol Heard: Sendable {
  var names: [String] { get }
  /// The names that make a map; nil if they are too few, too many, or too sparsely connected.
  var usable: [Int]? { get }
  /// Why there is no map.
  var lack: String { get }
  /// A square table of dissimilarities between the given names, with each listener counted the given number of times.
  func table(_ kept: [Int], _ listeners: [Int32]?) -> [[Double?]]
  /// The same table for a system.
  func table(_ kept: [Int], of system: String, in distances: SystemDistances) -> [[Double?]]
}

extension Heard {
  /// The names that remain when those with fewer than `least` known pairs are dropped repeatedly.
  fileprivate func core(_ known: [[Double?]], least: Int) -> [Int] {
    var kept = Array(known.indices)
    while true {
      let next = kept.filter { i in kept.count { $0 != i && known[i][$0] != nil } >= least }
      if next.count == kept.count { return kept }
      kept = next
    }
  }

  /// A sound's two coordinates are two unknowns, so a map needs every pair, or twice as many pairs as unknowns.
  fileprivate func suffices(_ table: [[Double?]]) -> Bool {
    let n = table.count, pairs = PerceptualSpace.pairs(n).count { table[$0.0][$0.1] != nil }
    let differ = Set(PerceptualSpace.pairs(n).compactMap { table[$0.0][$0.1] }).count > 1
    return (PerceptualSpace.fewestItems...PerceptualSpace.mostItems).contains(n) && differ
      && (pairs == n * (n - 1) / 2 || pairs >= 4 * n)
  }
}

/// Sounds that were judged two at a time.
private struct JudgedPairs: Heard {
  let names: [String]
  private let judgements: [LikenessTable.Judgement]

  /// Listeners are renumbered, so that those of other sets are not drawn.
  init(_ set: LikenessTable.SoundSet) {
    names = set.sounds
    var numbers = Numbering()
    judgements = set.judgements.map { judgement in
      var judgement = judgement
      judgement.listener = numbers.number(judgement.listener)
      return judgement
    }
  }

  var usable: [Int]? {
    guard names.count <= 4 * PerceptualSpace.mostItems else { return nil }
    let all = table(Array(names.indices), nil), kept = core(all, least: 3)
    return suffices(kept.map { i in kept.map { all[i][$0] } }) ? kept : nil
  }

  var lack: String {
    "A map needs \(PerceptualSpace.fewestItems) to \(PerceptualSpace.mostItems, "sound") that are not all equally similar, with every pair judged or at least four pairs per sound; there \(OneAndMany.words(names.count, "is", "are")) \(names.count, "sound")."
  }

  func table(_ kept: [Int], _ listeners: [Int32]?) -> [[Double?]] {
    var place = Array(repeating: -1, count: names.count)
    for (new, old) in kept.enumerated() { place[old] = new }
    let n = kept.count
    var sums = Array(repeating: 0.0, count: n * n), counts = sums
    for judgement in judgements {
      let weight = listeners.map { Double($0[judgement.listener]) } ?? 1
      guard weight > 0, place[judgement.first] >= 0, place[judgement.second] >= 0 else { continue }
      let at = place[judgement.first] * n + place[judgement.second]
      sums[at] += weight * judgement.value
      counts[at] += weight
    }
    return (0..<n).map { i in
      (0..<n).map { j in
        if i == j { return 0 }
        let at = min(i, j) * n + max(i, j)
        return counts[at] > 0 ? 1 - sums[at] / counts[at] : nil
      }
    }
  }

  func table(_ kept: [Int], of system: String, in distances: SystemDistances) -> [[Double?]] {
    let known = table(kept, nil), own = distances.between(kept.map { names[$0] }, of: system)
    return known.indices.map { i in known.indices.map { known[i][$0] == nil ? nil : own[i][$0] } }
  }
}

/// Ratings of sounds for one another.
private struct RatedPairs: Heard {
  private struct Rating { var listener: Int, low: Int, high: Int, value: Double }
  let names: [String]
  private let ratings: [Rating]
  private let scale: ClosedRange<Double>
  private let bothRoles: Set<Int>

  init(_ sample: Sample) {
    let study = sample.study, effects = ListenerEffects(study, pages: sample.pages).effects
    var queries = Names(), candidates = Names()
    for page in sample.pages {
      _ = queries.number(study.queries[study.items[page.item].query])
      for candidate in page.candidates { _ = candidates.number(study.items[page.item].candidates[candidate]) }
    }
    let shared = queries.all.filter { candidates.find($0) != nil }
    var names = Names(), ratings: [Rating] = []
    if 2 * shared.count >= Set(queries.all + candidates.all).count {
      for name in Set(queries.all + candidates.all).sorted() { _ = names.number(name) }
      for page in sample.pages {
        let item = study.items[page.item], query = Int(names.find(study.queries[item.query]) ?? 0)
        for (candidate, rating) in zip(page.candidates, page.ratings) {
          let other = Int(names.find(item.candidates[candidate]) ?? 0)
          guard other != query else { continue }
          ratings.append(
            Rating(
              listener: page.listener, low: min(query, other), high: max(query, other),
              value: rating - effects[page.listener]))
        }
      }
    }
    self.names = names.all
    self.ratings = ratings
    scale = study.scale
    bothRoles = Set(shared.compactMap { names.find($0).map(Int.init) })
    sharedNames = shared.count
  }

  private let sharedNames: Int

  var usable: [Int]? {
    guard names.count <= 4 * PerceptualSpace.mostItems, !ratings.isEmpty else { return nil }
    let all = table(Array(names.indices), nil), kept = core(all, least: 3)
    return suffices(kept.map { i in kept.map { all[i][$0] } }) ? kept : nil
  }

  var lack: String {
    sharedNames == 0
      ? "No sound is both a query and a candidate, so none were rated for one another;"
        + " a map needs \(PerceptualSpace.fewestItems) or more sounds, each rated for most of the others."
      : "\(sharedNames, "sound is", "sounds are") both query and candidate, too few or rated for too few of the others;"
        + " a map needs \(PerceptualSpace.fewestItems) or more, with every pair rated or at least four pairs per sound."
  }

  func table(_ kept: [Int], _ listeners: [Int32]?) -> [[Double?]] {
    var place = Array(repeating: -1, count: names.count)
    for (new, old) in kept.enumerated() { place[old] = new }
    let n = kept.count
    var sums = Array(repeating: 0.0, count: n * n), counts = sums
    for rating in ratings {
      let weight = listeners.map { Double($0[rating.listener]) } ?? 1
      guard weight > 0, place[rating.low] >= 0, place[rating.high] >= 0 else { continue }
      let at = place[rating.low] * n + place[rating.high]
      sums[at] += weight * rating.value
      counts[at] += weight
    }
    let span = scale.upperBound - scale.lowerBound
    return (0..<n).map { i in
      (0..<n).map { j in
        if i == j { return 0 }
        let at = min(i, j) * n + max(i, j)  // names and their places rise together
        return counts[at] > 0 ? max(0, (scale.upperBound - sums[at] / counts[at]) / span) : nil
      }
    }
  }

  func table(_ kept: [Int], of system: String, in distances: SystemDistances) -> [[Double?]] {
    let known = table(kept, nil), own = distances.between(kept.map { names[$0] }, of: system)
    return known.indices.map { i in known.indices.map { known[i][$0] == nil ? nil : own[i][$0] } }
  }
}

/// Ratings of the same candidates for several queries.
private struct RatedProfiles: Heard {
  let names: [String]
  /// The query and condition of each item.
  private let items: [(query: String, condition: String)]
  private struct Rating { var listener: Int, item: Int, candidate: Int, value: Double }
  private let ratings: [Rating]
  private let queries: Int

  init(_ sample: Sample) {
    let study = sample.study, effects = ListenerEffects(study, pages: sample.pages).effects
    var itemsOf: [String: Set<Int>] = [:]
    for page in sample.pages {
      for candidate in page.candidates {
        itemsOf[study.items[page.item].candidates[candidate], default: []].insert(page.item)
      }
    }
    // Only candidates that recur have a profile; a large pool is not checked pair by pair.
    let recurring = itemsOf.filter { $0.value.count >= PerceptualSpace.fewestShared }.keys.sorted()
    names = recurring.count > 4 * PerceptualSpace.mostItems ? [] : recurring
    items = study.items.map { (study.queries[$0.query], study.conditions[$0.condition]) }
    queries = Set(sample.pages.map(\.item)).count
    mostShared = itemsOf.values.map(\.count).max() ?? 0
    recurringCount = recurring.count
    let number = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    ratings = sample.pages.flatMap { page in
      zip(page.candidates, page.ratings).compactMap { candidate, rating in
        number[study.items[page.item].candidates[candidate]].map {
          Rating(listener: page.listener, item: page.item, candidate: $0, value: rating - effects[page.listener])
        }
      }
    }
  }

  private let mostShared: Int, recurringCount: Int

  var usable: [Int]? {
    guard names.count >= PerceptualSpace.fewestItems else { return nil }
    let all = table(Array(names.indices), nil), kept = core(all, least: 3)
    return suffices(kept.map { i in kept.map { all[i][$0] } }) ? kept : nil
  }

  var lack: String {
    "\(recurringCount, "candidate recurs", "candidates recur") in \(PerceptualSpace.fewestShared) or more of \(queries, "query") (the most frequent one in \(mostShared));"
      + " a map of rating profiles needs \(PerceptualSpace.fewestItems) to \(PerceptualSpace.mostItems, "candidate"), with every pair"
      + " (or at least four pairs per candidate) rated for \(PerceptualSpace.fewestShared) or more of the same queries."
  }

  /// - Parameter profiles: by candidate, then by item: a value, or nil if there is none.
  private func distances(_ profiles: [[Double?]]) -> [[Double?]] {
    let n = profiles.count
    var table = Array(repeating: [Double?](repeating: nil, count: n), count: n)
    for i in 0..<n {
      table[i][i] = 0
      let known = profiles[i].enumerated().compactMap { item, value in value.map { (item, $0) } }
      for j in 0..<i {
        let others = profiles[j]
        var sum = 0.0, shared = 0
        for (item, value) in known {
          guard let other = others[item] else { continue }
          sum += (value - other) * (value - other)
          shared += 1
        }
        guard shared >= PerceptualSpace.fewestShared else { continue }
        table[i][j] = (sum / Double(shared)).squareRoot()
        table[j][i] = table[i][j]
      }
    }
    return table
  }

  func table(_ kept: [Int], _ listeners: [Int32]?) -> [[Double?]] {
    var place = Array(repeating: -1, count: names.count)
    for (new, old) in kept.enumerated() { place[old] = new }
    var sums = Array(repeating: 0.0, count: kept.count * items.count), counts = sums
    for rating in ratings where place[rating.candidate] >= 0 {
      let weight = listeners.map { Double($0[rating.listener]) } ?? 1
      guard weight > 0 else { continue }
      let at = place[rating.candidate] * items.count + rating.item
      sums[at] += weight * rating.value
      counts[at] += weight
    }
    return distances(
      kept.indices.map { candidate in
        items.indices.map { item in
          let at = candidate * items.count + item
          return counts[at] > 0 ? sums[at] / counts[at] : nil
        }
      })
  }

  func table(_ kept: [Int], of system: String, in orders: SystemDistances) -> [[Double?]] {
    let rated = Set(ratings.map { [$0.candidate, $0.item] })
    return distances(
      kept.map { candidate in
        items.enumerated().map { number, item in
          rated.contains([candidate, number])
            ? orders.value(system, item.query, item.condition, names[candidate]) : nil
        }
      })
  }
}

/// How far systems place candidates from queries, by name.
struct SystemDistances: Sendable {
  private(set) var systems: [String] = []
  private struct Key: Hashable { var system, query, condition: String }
  private var entries: [Key: [String: Double]] = [:]
  private var conditions: [String] = []
  /// Systems that do not give all distances are compared by their ranks.
  private var byRank: Set<String> = []

  init(_ rankings: [Ranking], plan: AnalysisPlan) {
    var names = Names(), conditions = Names()
    for ranking in rankings where plan.systems.isEmpty || plan.systems.contains(ranking.system) {
      _ = names.number(ranking.system)
      _ = conditions.number(ranking.condition)
      if ranking.entries.contains(where: { $0.distance == nil }) { byRank.insert(ranking.system) }
    }
    systems = plan.systems.isEmpty ? names.all : plan.systems.filter { names.find($0) != nil }
    self.conditions = conditions.all
    for ranking in rankings where names.find(ranking.system) != nil {
      let ranks = byRank.contains(ranking.system)
      entries[Key(system: ranking.system, query: ranking.query, condition: ranking.condition)] = Dictionary(
        ranking.entries.map { ($0.candidate, ranks ? Double($0.rank) : $0.distance ?? .nan) },
        uniquingKeysWith: { a, _ in a })
    }
  }

  func usesRanks(_ system: String) -> Bool { byRank.contains(system) }

  /// A table without conditions matches any condition.
  func value(_ system: String, _ query: String, _ condition: String, _ candidate: String) -> Double? {
    let tried = condition.isEmpty ? conditions : [condition, ""]
    for condition in tried {
      if let value = entries[Key(system: system, query: query, condition: condition)]?[candidate] { return value }
    }
    return nil
  }

  /// A square table of distances: the mean of both directions, or the only one there is.
  func between(_ names: [String], of system: String) -> [[Double?]] {
    let n = names.count
    var table = Array(repeating: [Double?](repeating: nil, count: n), count: n)
    for i in 0..<n {
      table[i][i] = 0
      for j in 0..<i {
        let known = [value(system, names[i], "", names[j]), value(system, names[j], "", names[i])].compactMap(\.self)
        guard !known.isEmpty else { continue }
        table[i][j] = known.reduce(0, +) / Double(known.count)
        table[j][i] = table[i][j]
      }
    }
    return table
  }
}
