import Agreement
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
  /// How systems fill the pages; nil: pages hold so many candidates whatever systems say.
  public var pooling: PowerPooling?

  public init() {}
}

/// Pages that hold each system's first candidates, and others drawn from the rest of a list.
///
/// Beside the system in question and the baseline there may be others, whose error is as large as what candidates differ
/// by (a correlation of 0.71 with the latent similarity).
public struct PowerPooling: Sendable, Equatable, Codable {
  /// System and baseline among them; at least 2.
  public var systems = 2
  /// The first so many of each.
  public var topK = 3
  public var randomFillers = 0
  /// Candidates of the whole list.
  public var list = 40
  /// The most on a page that are neither reference nor anchor; later ranks and then those drawn stay out.
  public var most: Int?

  public init() {}

  var sureRanks: Int { most.map { min(topK, $0 / systems) } ?? topK }

  /// The error of the other systems.
  static let othersError = 1.0
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

  /// An item as it may be asked: the latent similarities of all its candidates, and the errors of all systems, deviating
  /// by 1. System and baseline come first.
  struct Item {
    var spread: Double, latent: [Double], errors: [[Double]]
    /// The order in which systems are asked for their next candidate, and in which candidates are drawn.
    var turns: [Int] = [], lot: [Int] = []
  }

  func item(_ random: inout SeededRandom) -> Item {
    let spread = components.candidate * exp(components.spread * random.normal())
    let count = design.pooling?.list ?? design.candidates
    func draws() -> [Double] { (0..<count).map { _ in random.normal() } }
    var item = Item(spread: spread, latent: draws(), errors: [draws(), draws()])
    guard let pooling = design.pooling else { return item }
    for _ in 2..<max(3, pooling.systems) where item.errors.count < pooling.systems { item.errors.append(draws()) }
    item.turns = random.shuffled(Array(0..<pooling.systems))
    item.lot = random.shuffled(Array(0..<count))
    return item
  }

  /// A system's scores: larger is nearer.
  static func scores(_ latent: [Double], _ errors: [Double], _ size: Double) -> [Double] {
    size.isInfinite ? errors : zip(latent, errors).map { $0 + size * $1 }
  }

  /// What an item's page holds.
  struct Page {
    /// Candidates of the list.
    var candidates: [Int]
    /// By system, system and baseline first: the ranks of all candidates of the list.
    var ranks: [[Int]]
    /// Places of `candidates` that were drawn.
    var drawn: Set<Int> = []
    /// By system and place: its stratum.
    var strata: [[Int]] = []
  }

  func page(of item: Item, systemError: Double, baselineError: Double) -> Page {
    let ranks = item.errors.indices.map { system -> [Int] in
      let size = system == 0 ? systemError : system == 1 ? baselineError : PowerPooling.othersError
      let scores = Self.scores(item.latent, item.errors[system], size)
      var ranks = Array(repeating: 0, count: scores.count)
      for (rank, candidate) in scores.indices.sorted(by: { scores[$0] > scores[$1] }).enumerated() {
        ranks[candidate] = rank + 1
      }
      return ranks
    }
    guard let pooling = design.pooling else { return Page(candidates: Array(item.latent.indices), ranks: ranks) }
    var first = Array(repeating: [Int](), count: ranks.count), isFirst = item.latent.map { _ in false }
    for system in ranks.indices {
      first[system] = Array(repeating: 0, count: min(pooling.topK, item.latent.count))
      for (candidate, rank) in ranks[system].enumerated() where rank <= pooling.topK {
        first[system][rank - 1] = candidate
        isFirst[candidate] = true
      }
    }
    var shown: [Int] = []
    for rank in 0..<min(pooling.topK, item.latent.count) {
      for system in item.turns where !shown.contains(first[system][rank]) { shown.append(first[system][rank]) }
    }
    let lot = item.lot.lazy.filter { !isFirst[$0] }.prefix(pooling.randomFillers)
    shown = Array((shown + lot).prefix(pooling.most ?? .max))
    let own = ranks.map { ranks in shown.map { ranks[$0] } }
    return Page(
      candidates: shown, ranks: ranks, drawn: Set(shown.indices.filter { !isFirst[shown[$0]] }),
      strata: [0, 1].map {
        Pooling.strata(own, own: $0, topK: pooling.topK, sureRanks: pooling.sureRanks)
      })
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

  /// What holds in the population.
  struct Population: Sendable {
    /// Of two listeners of the same page, on what the system is compared on; and of the system with a listener.
    var listeners: Double, system: Double
  }

  /// Agreement in the population for a system, or a baseline, with such an error: means over `pages` drawn pages, of which
  /// those without an order are left out. Where systems fill the pages, what two listeners are compared on depends on the
  /// system too.
  func population(_ measure: @escaping PageMeasure, fewest: Int, pages: Int = 20_000)
    -> @Sendable (
      _ error: Double, _ isBaseline: Bool
    ) -> Population
  {
    struct Drawn: Sendable { var item: Item, a: [Double], b: [Double] }
    let blocks = Array(0..<100), pages = design.pooling == nil ? pages : pages / 2
    let drawn = pureMap(blocks) { block -> [Drawn] in
      var random = SeededRandom(seed: 1, "power population", "\(block)")
      return (0..<(pages / blocks.count)).map { _ in
        let item = item(&random), level = components.centre + components.query * random.normal()
        let first = listener(&random), second = listener(&random)
        let a = page(item.latent, spread: item.spread, level: level, first, &random)
        let b = page(item.latent, spread: item.spread, level: level, second, &random)
        return Drawn(item: item, a: a, b: b)
      }
    }
    return { error, isBaseline in
      let sums = pureMap(drawn) { pages -> [Double] in
        pages.reduce(into: [0, 0, 0, 0]) { sums, drawn in
          let page = page(
            of: drawn.item, systemError: isBaseline ? systemError : error,
            baselineError: isBaseline ? error : baselineError)
          let system = isBaseline ? 1 : 0
          var places = Array(page.candidates.indices), ends = [places.count]
          if !page.strata.isEmpty {
            let strata = page.strata[system]
            places.sort { (strata[$0], $0) < (strata[$1], $1) }
            ends = strataEnds(places.lazy.map { strata[$0] })
          }
          let shown = places.map { page.candidates[$0] }
          let a = shown.map { drawn.a[$0] }, b = shown.map { drawn.b[$0] }
          let ranks = shown.map { -Double(page.ranks[system][$0]) }
          if let value = agreementWithinStrata(a.span, b.span, ends: ends, fewest: fewest, measure) {
            (sums[0], sums[1]) = (sums[0] + value, sums[1] + 1)
          }
          if let value = agreementWithinStrata(a.span, ranks.span, ends: ends, fewest: fewest, measure) {
            (sums[2], sums[3]) = (sums[2] + value, sums[3] + 1)
          }
        }
      }
      func mean(_ place: Int) -> Double {
        sums.reduce(0) { $0 + $1[place] } / sums.reduce(0) { $0 + $1[place + 1] }
      }
      return Population(listeners: mean(0), system: mean(2))
    }
  }

  /// One study: its items each under every condition, every listener with the items that were rated least so far.
  /// - Parameter topK: as the plan has it.
  func study(
    listeners: Int, queries: Int, topK: Int = AnalysisPlan().topK, _ random: inout SeededRandom
  ) -> RatedStudy {
    let items = (0..<(queries * design.conditions)).map { _ in item(&random) }
    let levels = (0..<queries).map { _ in components.centre + components.query * random.normal() }
    let pages = min(design.pages ?? items.count, items.count)
    var shown = Array(repeating: 0, count: items.count)
    var rated: [RatedStudy.Page] = []
    let held = items.map { page(of: $0, systemError: systemError, baselineError: baselineError) }
    for number in 0..<listeners {
      let listener = listener(&random)
      let order = random.shuffled(Array(items.indices)).enumerated().sorted {
        (shown[$0.element], $0.offset) < (shown[$1.element], $1.offset)
      }
      for i in order.prefix(pages).map(\.element) {
        shown[i] += 1
        rated.append(
          RatedStudy.Page(
            listener: number, item: i, flags: [], candidates: Array(held[i].candidates.indices),
            ratings: page(
              held[i].candidates.map { items[i].latent[$0] }, spread: items[i].spread,
              level: levels[i / design.conditions], listener, &random)))
      }
    }
    var study = RatedStudy(
      made: (0..<listeners).map { "l\($0)" }, queries: (0..<queries).map { "q\($0)" },
      conditions: (0..<design.conditions).map { "condition \($0 + 1)" }, systems: ["system", "baseline"],
      items: held.enumerated().map { i, page in
        let ranks = page.ranks.prefix(2).map { ranks in page.candidates.map { Double(ranks[$0]) } }
        return RatedStudy.Item(
          query: i / design.conditions, condition: i % design.conditions,
          candidates: page.candidates.map { "c\($0)" }, flags: page.candidates.map { _ in [] }, ranks: ranks,
          distances: ranks.map { $0.map { _ in Double.nan } },
          firstShares: ranks.map { $0.map { $0 <= Double(topK) ? 1 : 0 } },
          rankingSizes: ranks.map { _ in items[i].latent.count })
      }, pages: rated, scale: Double(design.lowest)...Double(design.highest))
    if let pooling = design.pooling {
      study.pooling = Pooling(
        made: held.map(\.strata), drawn: held.map(\.drawn), systems: study.systems, topK: pooling.topK,
        sureRanks: pooling.sureRanks)
    }
    return study
  }
}
