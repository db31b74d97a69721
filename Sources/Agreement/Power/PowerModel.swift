import Basics
import Foundation
import Statistics

/// What ratings are made of, for simulated studies. Standard deviations are shares of the scale.
///
/// `rating = centre + query + bias of the listener + gain of the listener × candidate + taste + noise`, clipped to the
/// scale and rounded to whole numbers. Everything is normal; `gain`, `keenness` and `spread` are standard deviations of
/// logarithms, so that 0.4 means that one listener in six is half as noisy again as the usual one, or more.
public struct PowerComponents: Sendable, Equatable, Codable {
  /// The mean rating.
  public var centre = 0.5
  /// How far queries differ in their mean rating.
  public var query = 0.08
  /// How far the candidates of a query lie apart: the latent similarity that listeners share.
  public var candidate = 0.20
  /// How far queries differ in `candidate`.
  public var spread = 0.4
  /// How far listeners differ in their mean rating.
  public var bias = 0.08
  /// How far listeners differ in how much of the scale they use.
  public var gain = 0.2
  /// A listener's own liking for a candidate of a query, which a second rating would show again.
  public var taste = 0.10
  /// What a second rating would not show again.
  public var noise = 0.14
  /// How far listeners differ in `noise`.
  public var keenness = 0.4

  public init() {}
}

/// What every listener is asked.
public struct PowerDesign: Sendable, Equatable, Codable {
  /// Each query is asked for under each condition.
  public var conditions = 1
  /// Pages that a listener rates; nil: all items.
  public var pages: Int?
  /// Candidates of a page that count in agreement: without the hidden reference and the anchor.
  public var candidates = 8
  public var lowest = 0
  public var highest = 100

  public init() {}
}

/// A population of listeners, queries and a system, from which studies are drawn.
struct PowerModel: Sendable {
  let components: PowerComponents
  let design: PowerDesign
  /// Standard deviation of the system's error against the latent similarity, which deviates by 1; infinite: chance.
  var systemError = 0.0
  /// The same of the baseline.
  var baselineError = Double.infinity

  struct Listener { var bias, gain, noise: Double }

  func listener(_ random: inout SeededRandom) -> Listener {
    Listener(
      bias: components.bias * random.normal(), gain: exp(components.gain * random.normal()),
      noise: components.noise * exp(components.keenness * random.normal()))
  }

  /// The latent similarities of an item's candidates, and errors of two systems, all deviating by 1.
  func item(_ random: inout SeededRandom) -> (spread: Double, latent: [Double], errors: [[Double]]) {
    let spread = components.candidate * exp(components.spread * random.normal())
    func draws() -> [Double] { (0..<design.candidates).map { _ in random.normal() } }
    return (spread, draws(), [draws(), draws()])
  }

  /// A system's scores: larger is nearer.
  static func scores(_ latent: [Double], _ errors: [Double], _ size: Double) -> [Double] {
    size.isInfinite ? errors : zip(latent, errors).map { $0 + size * $1 }
  }

  func page(_ latent: [Double], spread: Double, level: Double, _ listener: Listener, _ random: inout SeededRandom)
    -> [Double]
  {
    let low = Double(design.lowest), high = Double(design.highest)
    return latent.map { value in
      let share =
        level + listener.bias + listener.gain * spread * value + components.taste * random.normal()
        + listener.noise * random.normal()
      return max(low, min(high, (low + share * (high - low)).rounded()))
    }
  }

  /// The agreement, in the population, of two listeners of the same item; and a function that gives that of a system
  /// with such an error. Both are means over `pages` drawn pages, of which those without an order are left out.
  func population(_ measure: @escaping PageMeasure, pages: Int = 20_000) -> (
    listeners: Double, system: @Sendable (Double) -> Double
  ) {
    struct Drawn: Sendable { var ratings, latent, errors: [Double], pair: Double? }
    let blocks = Array(0..<100)
    let drawn = pureMap(blocks) { block -> [Drawn] in
      var random = SeededRandom(seed: 1, "power population", "\(block)")
      return (0..<(pages / blocks.count)).map { _ in
        let item = item(&random), level = components.centre + components.query * random.normal()
        let first = listener(&random), second = listener(&random)
        let a = page(item.latent, spread: item.spread, level: level, first, &random)
        let b = page(item.latent, spread: item.spread, level: level, second, &random)
        return Drawn(ratings: a, latent: item.latent, errors: item.errors[0], pair: measure(a.span, b.span))
      }
    }
    let listeners = mean(drawn.joined().compactMap(\.pair)) ?? .nan
    return (
      listeners,
      { error in
        let sums = pureMap(drawn) { pages -> (Double, Double) in
          pages.reduce(into: (0.0, 0.0)) { sums, page in
            let scores = Self.scores(page.latent, page.errors, error)
            guard let value = measure(page.ratings.span, scores.span) else { return }
            sums = (sums.0 + value, sums.1 + 1)
          }
        }
        return sums.reduce(0) { $0 + $1.0 } / sums.reduce(0) { $0 + $1.1 }
      }
    )
  }

  /// One study: its items each under every condition, every listener with the items that were rated least so far.
  func study(listeners: Int, queries: Int, _ random: inout SeededRandom) -> RatedStudy {
    let items = (0..<(queries * design.conditions)).map { _ in item(&random) }
    let levels = (0..<queries).map { _ in components.centre + components.query * random.normal() }
    let pages = min(design.pages ?? items.count, items.count)
    var shown = Array(repeating: 0, count: items.count)
    var rated: [RatedStudy.Page] = []
    let candidates = Array(0..<design.candidates)
    for number in 0..<listeners {
      let listener = listener(&random)
      let order = random.shuffled(Array(items.indices)).enumerated().sorted {
        (shown[$0.element], $0.offset) < (shown[$1.element], $1.offset)
      }
      for i in order.prefix(pages).map(\.element) {
        shown[i] += 1
        rated.append(
          RatedStudy.Page(
            listener: number, item: i, flags: [], candidates: candidates,
            ratings: page(
              items[i].latent, spread: items[i].spread, level: levels[i / design.conditions], listener, &random)))
      }
    }
    let names = candidates.map { "c\($0)" }
    return RatedStudy(
      made: (0..<listeners).map { "l\($0)" }, queries: (0..<queries).map { "q\($0)" },
      conditions: (0..<design.conditions).map { "condition \($0 + 1)" }, systems: ["system", "baseline"],
      items: items.enumerated().map { i, item in
        let errors = [systemError, baselineError]
        let ranks = errors.indices.map { system in
          let scores = Self.scores(item.latent, item.errors[system], errors[system])
          var ranks = Array(repeating: 0.0, count: scores.count)
          for (rank, candidate) in scores.indices.sorted(by: { scores[$0] > scores[$1] }).enumerated() {
            ranks[candidate] = Double(rank + 1)
          }
          return ranks
        }
        return RatedStudy.Item(
          query: i / design.conditions, condition: i % design.conditions, candidates: names,
          flags: candidates.map { _ in [] }, ranks: ranks,
          distances: ranks.map { $0.map { _ in Double.nan } }, rankingSizes: [names.count, names.count])
      }, pages: rated, scale: Double(design.lowest)...Double(design.highest))
  }
}

extension RatedStudy {
  /// A study that was made rather than read.
  init(
    made listeners: [String], queries: [String], conditions: [String], systems: [String], items: [Item],
    pages: [Page], scale: ClosedRange<Double>
  ) {
    (self.listeners, self.queries, self.conditions, self.systems) = (listeners, queries, conditions, systems)
    (self.items, self.pages, self.scale, scaleIsStated) = (items, pages, scale, true)
  }
}

/// `parallelMap` of a body that cannot fail.
func pureMap<Item: Sendable, Result: Sendable>(_ items: [Item], _ body: @Sendable (Item) -> Result) -> [Result] {
  do { return try parallelMap(items, body) } catch { preconditionFailure("\(error)") }
}
