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
    for (kind, heard) in [(Kind.ratings, direct as any DissimilaritySource), (.profiles, profiles)] {
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
