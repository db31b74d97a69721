import Agreement
import Basics
import Foundation
import Ratings
import Reporting
import Statistics

/// How often a test of systems, or an ABX or triangle test, of a given size shows what it is meant to: studies are
/// simulated and decided.
///
/// - Two systems: the differences of their scores are the true one plus normal contributions of listener, item and
///   chance. The decision is by the interval of their mean ± t times its standard error, from the mean squares of
///   listeners, items and the residual, with the smaller number of listeners or items minus one as degrees of freedom.
///   `earshot analyze` gives this interval for a complete design: against a margin at 1 − 2 alpha, and without one,
///   where it says which system is best, at the plan's confidence. It claims nothing with fewer than four listeners.
/// - ABX and triangle tests: each listener's share of right answers is drawn from a beta distribution. The decision is
///   by both the exact test and the ± t interval over listeners, as in `earshot analyze`: at the plan's confidence for a
///   difference that is heard, at 1 − 2 alpha for one that is excluded.
public struct TestPower: Sendable {
  /// What a study is to show.
  public enum Claim: String, Sendable, CaseIterable {
    /// The interval is above the margin, which may be 0.
    case better
    /// The interval is within the margin.
    case equivalent
    /// Guessing is ruled out.
    case heard
    /// A share of right answers that exceeds chance by the margin is ruled out.
    case notHeard = "not-heard"

    var isOfSystems: Bool { self == .better || self == .equivalent }
  }

  /// Standard deviations of the difference between two systems' scores, in points of the scale.
  public struct Components: Sendable, Equatable {
    /// The size of the study from which the deviations were estimated.
    public struct Pilot: Sendable, Equatable {
      /// Those whose answers were used.
      public var listeners: Int, items: Int
      public init(listeners: Int, items: Int) { (self.listeners, self.items) = (listeners, items) }
    }

    /// Of listeners' own differences, of items' own differences, and of a single answer.
    public var listeners: Double, items: Double, noise: Double
    /// The pilot from which they were estimated; nil if they are stated.
    public var pilot: Pilot?

    public init(listeners: Double, items: Double, noise: Double) {
      (self.listeners, self.items, self.noise) = (listeners, items, noise)
    }
  }

  /// What is to be shown, what the truth is, and how it is simulated.
  public struct Settings: Sendable {
    /// What is to be shown.
    public var claim = Claim.better
    /// The true difference, and the margin, in points of the scale. For ABX the margin is a share above chance.
    public var difference = 5.0, margin = 0.0
    /// How the differences vary.
    public var components = Components(listeners: 6, items: 6, noise: 11)
    /// The mean share of right answers, the correlation of a listener's answers (`BetaBinomial.spread`), and the number
    /// of answers per listener and item.
    public var share = 0.75, spread = 0.05, answers = 1
    /// The share of right answers by guessing: ½, or ⅓ in a triangle test.
    public var chance = 0.5
    /// The error rate of the test of the claim.
    public var alpha = 0.05
    /// The level of the interval that decides where there is no margin.
    public var confidence = 0.95
    /// The number of simulated studies per point.
    public var replicates = 2000
    /// The seed of all simulated studies.
    public var seed: UInt64 = 1

    public init() {}
  }

  /// The share of simulated studies with these numbers of listeners and items that show the claim.
  public struct Point: Sendable, Equatable {
    /// The size of the studies.
    public let listeners: Int, items: Int
    /// From 0 to 1.
    public let power: Double
    /// Wilson's 95 % interval of the power.
    public let interval: Interval
  }

  /// What is simulated, for all points.
  public let settings: Settings

  public init(_ settings: Settings) { self.settings = settings }

  /// - Parameters:
  ///   - listeners: the number of listeners, at least two.
  ///   - items: the number of items, at least two; one is enough for ABX.
  public func point(listeners: Int, items: Int) -> Point {
    let blocks = stride(from: 0, to: settings.replicates, by: 100).map { $0..<min($0 + 100, settings.replicates) }
    let found = pureMap(blocks) { block in
      block.count { number in
        var random = SeededRandom(seed: settings.seed, "test power", "\(listeners) \(items)", "\(number)")
        return settings.claim.isOfSystems
          ? systems(listeners, items, &random) : discrimination(listeners, items, &random)
      }
    }.reduce(0, +)
    let share = Double(found) / Double(settings.replicates)
    return Point(
      listeners: listeners, items: items, power: share,
      interval: Interval.wilson(share, of: settings.replicates) ?? Interval(low: 0, high: 1))
  }

  private func systems(_ l: Int, _ i: Int, _ random: inout SeededRandom) -> Bool {
    guard l >= Verdict.leastListeners else { return false }
    let (n, m) = (Double(l), Double(i)), spreads = drawn(&random)
    let byItem = (0..<i).map { _ in spreads.items * random.normal() }
    var items = Array(repeating: 0.0, count: i), squares = 0.0, listeners = 0.0, sum = 0.0, means: [Double] = []
    for _ in 0..<l {
      let own = settings.difference + spreads.listeners * random.normal()
      var row = 0.0
      for k in 0..<i {
        let value = own + byItem[k] + spreads.noise * random.normal()
        row += value
        items[k] += value
        squares += value * value
      }
      listeners += row * row / m
      means.append(row / m)
      sum += row
    }
    let isTwoSided = settings.claim == .better && settings.margin == 0
    let level = isTwoSided ? twoSided : 1 - settings.alpha
    func holds(_ mean: Double, _ error: Double, _ degrees: Double) -> Bool {
      guard let t = StudentT(degrees).quantile(level) else { return false }
      let low = mean - t * error, high = mean + t * error
      return settings.claim == .better ? low > settings.margin : low > -settings.margin && high < settings.margin
    }
    // Fewer items are those that the claim is about, so only listeners are a sample.
    if i < Verdict.leastQueries { return holds(sum / (n * m), ((variance(means) ?? 0) / n).squareRoot(), n - 1) }
    let whole = sum * sum / (n * m), ofItems = items.reduce(0) { $0 + $1 * $1 } / n
    let a = max(0, (listeners - whole) / (n - 1)), b = max(0, (ofItems - whole) / (m - 1))
    let rest = max(0, (squares - listeners - ofItems + whole) / ((n - 1) * (m - 1)))
    // The variance is taken to be at least each of the three mean squares, which is conservative.
    let error = (max(a + b - rest, a, b, rest) / (n * m)).squareRoot(), mean = sum / (n * m)
    return holds(mean, error, min(n, m) - 1)
  }

  /// The probability below the upper end of an interval at the plan's confidence.
  private var twoSided: Double { (1 + settings.confidence) / 2 }

  /// The components or, if they come from a pilot, components that might equally have given its results: each mean
  /// square divided by a random value of χ²/ν.
  private func drawn(_ random: inout SeededRandom) -> Components {
    let own = settings.components
    guard let pilot = own.pilot else { return own }
    let (n, m) = (Double(pilot.listeners), Double(pilot.items))
    func draw(_ square: Double, _ degrees: Int) -> Double {
      let v = Double(degrees), c = 2 / (9 * v)
      let share: Double
      if degrees <= 30 {
        share =
          (0..<degrees).reduce(0.0) { sum, _ in
            let z = random.normal()
            return sum + z * z
          } / v
      } else {
        // The Wilson–Hilferty approximation.
        let root = 1 - c + random.normal() * c.squareRoot()
        share = root * root * root
      }
      return square / max(share, 1e-3)
    }
    let noise = own.noise * own.noise
    let rest = draw(noise, (pilot.listeners - 1) * (pilot.items - 1))
    let a = draw(noise + m * own.listeners * own.listeners, pilot.listeners - 1)
    let b = draw(noise + n * own.items * own.items, pilot.items - 1)
    return Components(
      listeners: (max(0, a - rest) / m).squareRoot(), items: (max(0, b - rest) / n).squareRoot(),
      noise: rest.squareRoot())
  }

  private func discrimination(_ l: Int, _ i: Int, _ random: inout SeededRandom) -> Bool {
    let trials = i * settings.answers, spread = settings.spread
    var shares: [Double] = [], correct = 0
    for _ in 0..<l {
      var p = settings.share
      if spread > 0, p > 0, p < 1 {
        let strength = 1 / spread - 1
        let a = gamma(p * strength, &random), b = gamma((1 - p) * strength, &random)
        p = a + b > 0 ? a / (a + b) : p
      }
      let right = (0..<trials).reduce(0) { sum, _ in sum + (random.unit() < p ? 1 : 0) }
      shares.append(Double(right) / Double(trials))
      correct += right
    }
    let exact = CorrectAnswers(correct: correct, trials: l * trials, chance: settings.chance)
    let n = Double(l), mean = exact.share
    let error = ((variance(shares) ?? 0) / n).squareRoot()
    let t = StudentT(n - 1).quantile(settings.claim == .heard ? twoSided : 1 - settings.alpha) ?? 0
    if settings.claim == .heard { return exact.p < settings.alpha && mean - t * error > settings.chance }
    return max(exact.largestShare(alpha: settings.alpha), mean + t * error) < settings.chance + settings.margin
  }

  /// A random value of the gamma distribution with the given shape (Marsaglia & Tsang 2000).
  private func gamma(_ shape: Double, _ random: inout SeededRandom) -> Double {
    if shape < 1 { return gamma(shape + 1, &random) * pow(max(random.unit(), 1e-300), 1 / shape) }
    let d = shape - 1.0 / 3, c = 1 / (9 * d).squareRoot()
    while true {
      let z = random.normal(), v = 1 + c * z
      guard v > 0 else { continue }
      let cube = v * v * v
      if log(max(random.unit(), 1e-300)) < z * z / 2 + d * (1 - cube + log(cube)) { return d * cube }
    }
  }

  // MARK: Pilots

  /// The components of the difference between two systems, estimated from a pilot's scores: the mean over all pairs of
  /// systems.
  /// - Throws: a `Problem` if the pilot is too small, or has fewer than two systems.
  public static func components(_ scores: URL, plan: AnalysisPlan) throws -> Components {
    let systems = try SystemSample.read(scores, plan: plan), study = systems.sample.study
    var found: [(Double, Double, Double)] = []
    for (a, b) in systems.pairs {
      var rows = Array(repeating: [Double?](repeating: nil, count: study.queries.count), count: study.listeners.count)
      for page in systems.sample.pages {
        let value = systems.score(page, a) - systems.score(page, b)
        if !value.isNaN { rows[page.listener][study.items[page.item].query] = value }
      }
      if let parts = VarianceComponents(UnitRatings(rows)) {
        found.append((parts.raters, parts.units, parts.residual))
      }
    }
    guard !found.isEmpty else {
      throw Problem(
        "the pilot is too small to estimate how much listeners and items vary", at: Place(file: scores.relativePath),
        mend: "For at least two systems, it must contain the scores of at least two listeners on at least two items.")
    }
    func deviation(_ part: ((Double, Double, Double)) -> Double) -> Double {
      max(0, mean(found.map(part)) ?? 0).squareRoot()
    }
    var components = Components(
      listeners: deviation { $0.0 }, items: deviation { $0.1 }, noise: deviation { $0.2 })
    components.pilot = .init(listeners: study.listeners.count, items: study.queries.count)
    return components
  }

  // MARK: Results

  /// The answer, and a table of listeners by items.
  public func told(_ points: [Point]) -> String {
    let what =
      switch settings.claim {
      case .better:
        "a system with a true advantage of \(display(settings.difference, digits: 2)) points is better\(settings.margin > 0 ? " by more than \(display(settings.margin, digits: 2)) points" : "")"
      case .equivalent:
        "two systems with a true difference of \(display(settings.difference, digits: 2)) points are equivalent (margin ±\(display(settings.margin, digits: 2)))"
      case .heard:
        "a difference is audible (true share of right answers: \(display(100 * settings.share, digits: 0)) %)"
      case .notHeard:
        "the share of right answers is below \(display(100 * (settings.chance + settings.margin), digits: 0)) % (true share: \(display(100 * settings.share, digits: 0)) %)"
      }
    let enough = points.filter { $0.power >= 0.8 }.min {
      ($0.listeners * $0.items, $0.listeners) < ($1.listeners * $1.items, $1.listeners)
    }
    let first =
      enough.map {
        "With \($0.listeners, "listener") and \($0.items, "item"), \(display(100 * $0.power, digits: 0)) % of simulated studies show that \(what). This is the smallest of these designs that reaches 80 %."
      } ?? "None of these designs reaches 80 % power to show that \(what)."
    let items = Set(points.map(\.items)).sorted()
    var table = TextTable(
      ["listeners"] + items.map { "\($0, "item")" }, numeric: [true] + items.map { _ in true })
    for listeners in Set(points.map(\.listeners)).sorted() {
      table.add(
        ["\(listeners)"]
          + items.map { item in
            points.first { $0.listeners == listeners && $0.items == item }.map {
              "\(display(100 * $0.power, digits: 0)) % [\(display(100 * $0.interval.low, digits: 0)), \(display(100 * $0.interval.high, digits: 0))]"
            } ?? ""
          })
    }
    return first + "\n\n" + table.description
  }

  /// The same as JSON.
  public func json(_ points: [Point]) -> String {
    JSONText.object([
      ("schema", .string("earshot-test-power/1")), ("claim", .string(settings.claim.rawValue)),
      (
        "points",
        .array(
          points.map {
            .object([
              ("listeners", .integer($0.listeners)), ("items", .integer($0.items)), ("power", .number($0.power)),
              ("low", .number($0.interval.low)), ("high", .number($0.interval.high)),
            ])
          })
      ),
    ]).text() + "\n"
  }
}
