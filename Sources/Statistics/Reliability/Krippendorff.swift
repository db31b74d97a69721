/// Krippendorff's alpha: one minus the ratio of the observed to the expected disagreement of ratings, for any number of
/// raters and with any ratings missing (Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"). 1 is perfect
/// agreement, and 0 is the agreement that chance would give; below 0 raters disagree systematically.
///
/// As a statistic of a crossed bootstrap its first output is alpha. Units belong to queries, and raters are listeners.
/// A unit that counts twice counts twice in all sums. A rater who counts twice has twice the weight, but no rating is
/// compared with its own copy, which would always agree: such pairs are left out of the numbers of pairs, both within
/// units and overall.
public struct KrippendorffAlpha: CrossedStatistic {
  /// The measure of the difference between two ratings.
  public enum Metric: String, Sendable, CaseIterable, Codable {
    /// 1 unless the ratings are equal.
    case nominal
    /// The square of the number of ratings between the two, including half of those at each end, counted over all
    /// ratings of units that have at least two. Not the same as the "ordinal weights" of irrCAC.
    case ordinal
    /// The squared difference.
    case interval
    /// The squared difference over the squared sum; for ratings of 0 or more with a true zero.
    case ratio
  }

  /// How far two ratings are apart.
  public let metric: Metric
  /// Whether copies of a rater are compared with each other, as by a program that runs on the resampled table. This
  /// makes resamples agree too well, so it is on only to compare results with such a program.
  public let comparesCopies: Bool
  let units: Int
  let queryOfUnit: [Int]
  /// The distinct ratings, ascending.
  let levels: [Double]
  /// The levels as numbers to square and add: in fixed point, minus the middle one.
  let numbers: [Double]
  /// For the ratio metric, unless there are very many levels: the difference between level a and level b < a is at a (a
  /// - 1) / 2 + b.
  private let ratios: [Double]
  /// By rater: the rated units and, for each, the level, its number, and the square of that.
  let rows: [Row]

  struct Row: Sendable {
    var units: [Int32]
    var levels: [Int32]
    var numbers: [Double], squares: [Double]
    var isComplete: Bool
  }

  /// - Parameters:
  ///   - queryOfUnit: the query of each unit; nil if each unit is a query of its own.
  public init(_ table: UnitRatings, _ metric: Metric, queryOfUnit: [Int]? = nil, comparesCopies: Bool = false) {
    precondition(queryOfUnit?.count ?? table.units == table.units)
    self.metric = metric
    self.comparesCopies = comparesCopies
    units = table.units
    self.queryOfUnit = queryOfUnit ?? Array(0..<table.units)
    levels = Set(table.ratings.map { $0.value + 0 }).sorted()
    let place = Dictionary(uniqueKeysWithValues: levels.enumerated().map { ($1, $0) })
    guard let fixed = FixedPoint(levels) else { preconditionFailure("a rating is not finite") }
    let middle = levels.isEmpty ? 0 : fixed.values[levels.count / 2]
    let numbers = fixed.values.map { $0 - middle }
    self.numbers = numbers
    ratios =
      metric != .ratio || levels.count > 1000
      ? [] : levels.indices.flatMap { [levels] a in (0..<a).map { Self.ratio(levels[a], levels[$0]) } }
    var rows = Array(
      repeating: Row(units: [], levels: [], numbers: [], squares: [], isComplete: false), count: table.raters)
    for rating in table.ratings {
      let level = place[rating.value + 0] ?? 0
      rows[rating.rater].units.append(Int32(rating.unit))
      rows[rating.rater].levels.append(Int32(level))
      rows[rating.rater].numbers.append(numbers[level])
      rows[rating.rater].squares.append(numbers[level] * numbers[level])
    }
    for r in rows.indices { rows[r].isComplete = rows[r].units.count == table.units }
    self.rows = rows
  }

  /// Alpha of the table itself. Nil if no unit has two ratings, or if all ratings of such units are equal.
  public var value: Double? {
    var workspace = workspace(), values = [Double.nan]
    evaluate(.ones(listeners: rows.count, queries: (queryOfUnit.max() ?? -1) + 1), &workspace, into: &values)
    return values[0].isNaN ? nil : values[0]
  }

  public var outputs: Int { 1 }

  /// Sums of a resample, whose storage is reused for the next one.
  public struct Workspace {
    /// By unit: sums over raters of their weights, weights squared, weighted numbers and squares.
    var weights: [Double], weightSquares: [Double], sums: [Double], squares: [Double]
    /// By level: the number of ratings of pairable units that have it, and its number.
    var counts: [Double], numbers: [Double]
    /// The counts by unit and level, for metrics that need them.
    var table: [Double]
  }

  public func workspace() -> Workspace {
    let byUnit = Array(repeating: 0.0, count: units), byLevel = Array(repeating: 0.0, count: levels.count)
    let table = metric == .nominal || metric == .ratio ? Array(repeating: 0.0, count: units * levels.count) : []
    return Workspace(
      weights: byUnit, weightSquares: byUnit, sums: byUnit, squares: byUnit, counts: byLevel, numbers: byLevel,
      table: table)
  }

  public func evaluate(_ weights: CrossedWeights, _ workspace: inout Workspace, into values: inout [Double]) {
    addWeights(weights, &workspace)
    switch metric {
    case .interval:
      addNumbers(weights, &workspace)
      values[0] = alpha(weights, workspace)
    case .ordinal:
      count(weights, &workspace)
      var below = 0.0
      let middle = workspace.counts.reduce(0, +) / 2
      for level in levels.indices {
        // Doubled mid-ranks: the numbers of ratings between two levels are the differences of their mid-ranks.
        workspace.numbers[level] = 2 * (below - middle) + workspace.counts[level]
        below += workspace.counts[level]
      }
      addLevels(weights, &workspace)
      values[0] = alpha(weights, workspace)
    case .nominal, .ratio:
      count(weights, &workspace)
      values[0] = alphaByLevels(weights, workspace)
    }
  }

  private func addWeights(_ weights: CrossedWeights, _ workspace: inout Workspace) {
    var common = 0.0, commonSquares = 0.0
    for (r, row) in rows.enumerated() where row.isComplete {
      common += Double(weights.listeners[r])
      commonSquares += Double(weights.listeners[r]) * Double(weights.listeners[r])
    }
    for u in 0..<units { (workspace.weights[u], workspace.weightSquares[u]) = (common, commonSquares) }
    for (r, row) in rows.enumerated() where !row.isComplete && weights.listeners[r] > 0 {
      let weight = Double(weights.listeners[r])
      for u in row.units {
        workspace.weights[Int(u)] += weight
        workspace.weightSquares[Int(u)] += weight * weight
      }
    }
  }

  /// The pairs in a unit of total weight m: all except those of a rating with itself.
  @inline(__always)
  private func pairs(_ workspace: Workspace, _ u: Int) -> Double {
    let m = workspace.weights[u]
    return m * m - (comparesCopies ? m : workspace.weightSquares[u])
  }

  private func addNumbers(_ weights: CrossedWeights, _ workspace: inout Workspace) {
    let units = self.units
    workspace.sums.withUnsafeMutableBufferPointer { sums in
      workspace.squares.withUnsafeMutableBufferPointer { squares in
        sums.update(repeating: 0)
        squares.update(repeating: 0)
        for (r, row) in rows.enumerated() where weights.listeners[r] > 0 {
          let weight = Double(weights.listeners[r])
          row.numbers.withUnsafeBufferPointer { numbers in
            row.squares.withUnsafeBufferPointer { own in
              if row.isComplete {
                for u in 0..<units {
                  sums[u] += weight * numbers[u]
                  squares[u] += weight * own[u]
                }
              } else {
                for (k, unit) in row.units.enumerated() {
                  sums[Int(unit)] += weight * numbers[k]
                  squares[Int(unit)] += weight * own[k]
                }
              }
            }
          }
        }
      }
    }
  }

  private func addLevels(_ weights: CrossedWeights, _ workspace: inout Workspace) {
    for u in 0..<units { (workspace.sums[u], workspace.squares[u]) = (0, 0) }
    for (r, row) in rows.enumerated() where weights.listeners[r] > 0 {
      let weight = Double(weights.listeners[r])
      for k in row.units.indices {
        let number = workspace.numbers[Int(row.levels[k])], u = Int(row.units[k])
        workspace.sums[u] += weight * number
        workspace.squares[u] += weight * number * number
      }
    }
  }

  /// Counts the levels over pairable units, and by unit if the metric needs it.
  private func count(_ weights: CrossedWeights, _ workspace: inout Workspace) {
    for level in levels.indices { workspace.counts[level] = 0 }
    for i in workspace.table.indices { workspace.table[i] = 0 }
    for (r, row) in rows.enumerated() where weights.listeners[r] > 0 {
      let weight = Double(weights.listeners[r])
      for k in row.units.indices {
        let u = Int(row.units[k]), level = Int(row.levels[k])
        guard pairs(workspace, u) > 0 else { continue }
        workspace.counts[level] += weight * Double(weights.queries[queryOfUnit[u]])
        if !workspace.table.isEmpty { workspace.table[u * levels.count + level] += weight }
      }
    }
  }

  /// From sums and squares: the squared differences of all pairs of weight w add up to `2 (Σw Σwx² - (Σwx)²)`.
  private func alpha(_ weights: CrossedWeights, _ workspace: Workspace) -> Double {
    var observed = 0.0, total = 0.0, totalSquares = 0.0, sum = 0.0, squares = 0.0
    for u in 0..<units {
      let weight = Double(weights.queries[queryOfUnit[u]]), pairs = pairs(workspace, u)
      guard weight > 0, pairs > 0 else { continue }
      let m = workspace.weights[u]
      observed += weight * m * 2 * (m * workspace.squares[u] - workspace.sums[u] * workspace.sums[u]) / pairs
      total += weight * m
      totalSquares += weight * weight * workspace.weightSquares[u]
      sum += weight * workspace.sums[u]
      squares += weight * workspace.squares[u]
    }
    let expected = 2 * (total * squares - sum * sum)
    return alpha(observed: observed, expected: expected, total: total, totalSquares: totalSquares)
  }

  private func alphaByLevels(_ weights: CrossedWeights, _ workspace: Workspace) -> Double {
    var observed = 0.0, total = 0.0, totalSquares = 0.0
    for u in 0..<units {
      let weight = Double(weights.queries[queryOfUnit[u]]), pairs = pairs(workspace, u)
      guard weight > 0, pairs > 0 else { continue }
      let m = workspace.weights[u]
      observed +=
        weight * m * disagreement(workspace.table.span.extracting((u * levels.count)..<((u + 1) * levels.count)))
        / pairs
      total += weight * m
      totalSquares += weight * weight * workspace.weightSquares[u]
    }
    let expected = disagreement(workspace.counts.span)
    return alpha(observed: observed, expected: expected, total: total, totalSquares: totalSquares)
  }

  /// The sum of the differences of all pairs, given how often each level occurs.
  private func disagreement(_ counts: Span<Double>) -> Double {
    var sum = 0.0
    if metric == .nominal {
      // All pairs except those of a level with itself.
      var all = 0.0, same = 0.0
      for a in counts.indices {
        all += counts[a]
        same += counts[a] * counts[a]
      }
      return all * all - same
    }
    for a in counts.indices where counts[a] > 0 {
      var ofLevel = 0.0
      if ratios.isEmpty {
        for b in 0..<a where counts[b] > 0 { ofLevel += counts[b] * Self.ratio(levels[a], levels[b]) }
      } else {
        let first = a * (a - 1) / 2
        for b in 0..<a { ofLevel += counts[b] * ratios[first + b] }
      }
      sum += 2 * counts[a] * ofLevel
    }
    return sum
  }

  private static func ratio(_ x: Double, _ y: Double) -> Double {
    x + y == 0 ? 0 : (x - y) * (x - y) / ((x + y) * (x + y))
  }

  private func alpha(observed: Double, expected: Double, total: Double, totalSquares: Double) -> Double {
    let pairs = total * total - (comparesCopies ? total : totalSquares)
    guard expected > 0, pairs > 0 else { return .nan }
    return 1 - observed / total * pairs / expected
  }
}
