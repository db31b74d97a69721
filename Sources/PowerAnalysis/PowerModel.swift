import Agreement
import Basics
import Foundation
import Ratings
import Statistics

/// The components of ratings in simulated studies. Standard deviations are shares of the scale.
///
/// `rating = centre + query + bias of the listener + gain of the listener × candidate + taste + noise`, clipped to the
/// scale and rounded to whole numbers. All terms are normal. `gain`, `keenness` and `spread` are standard deviations of
/// logarithms: 0.4 means that one listener in six is at least one and a half times as noisy as the typical one.
public struct PowerComponents: Sendable, Equatable, Codable {
  /// The mean rating.
  public var centre = 0.5
  /// The standard deviation of queries' mean ratings.
  public var query = 0.08
  /// The standard deviation of the candidates of a query: the latent similarity that listeners share.
  public var candidate = 0.20
  /// The standard deviation of the logarithm of `candidate` between queries.
  public var spread = 0.4
  /// The standard deviation of listeners' mean ratings.
  public var bias = 0.08
  /// The standard deviation of the logarithm of listeners' use of the scale.
  public var gain = 0.2
  /// The standard deviation of a listener's own preference for a candidate of a query, which a second rating would
  /// reproduce.
  public var taste = 0.10
  /// The standard deviation of what a second rating would not reproduce.
  public var noise = 0.14
  /// The standard deviation of the logarithm of `noise` between listeners.
  public var keenness = 0.4

  public init() {}
}

/// What every listener is asked.
public struct PowerDesign: Sendable, Equatable, Codable {
  /// The number of conditions; each query is asked for under each condition.
  public var conditions = 1
  /// The number of pages that a listener rates; nil for all items.
  public var pages: Int?
  /// The number of candidates per page that count in agreement, not including the hidden reference and the anchor.
  public var candidates = 8
  /// The lower end of the scale.
  public var lowest = 0
  /// The upper end of the scale.
  public var highest = 100
  /// How systems fill the pages; nil if the candidates do not depend on the systems.
  public var pooling: PowerPooling?

  public init() {}
}

/// Pages with each system's first candidates, and others drawn from the rest of a list.
///
/// In addition to the system in question and the baseline there may be other systems, whose error is as large as the
/// candidates' standard deviation (a correlation of 0.71 with the latent similarity).
public struct PowerPooling: Sendable, Equatable, Codable {
  /// The number of systems, including the system in question and the baseline; at least 2.
  public var systems = 2
  /// The number of first candidates of each system that are on a page.
  public var topK = 3
  /// The number of candidates that are drawn at random for a page.
  public var randomFillers = 0
  /// The number of candidates in the whole list.
  public var list = 40
  /// The most candidates on a page, not including the reference and the anchor. Later ranks are left out first, and
  /// then the drawn candidates.
  public var most: Int?

  public init() {}

  var sureRanks: Int { most.map { min(topK, $0 / systems) } ?? topK }

  /// The error of the other systems, in standard deviations of the latent similarity.
  static let othersError = 1.0
}

/// A population of listeners, queries and a system, from which studies are drawn.
struct PowerModel: Sendable {
  let components: PowerComponents
  let design: PowerDesign
  /// The standard deviation of the system's error, in units of the latent similarity's; infinite for chance.
  var systemError = 0.0
  /// The same for the baseline.
  var baselineError = Double.infinity

  struct Listener { var bias, gain, noise: Double }

  func listener(_ random: inout SeededRandom) -> Listener {
    Listener(
      bias: components.bias * random.normal(), gain: exp(components.gain * random.normal()),
      noise: components.noise * exp(components.keenness * random.normal()))
  }

  /// An item: the latent similarities of all its candidates, and the errors of all systems, each with standard
  /// deviation 1. The system and the baseline come first.
  struct Item {
    var spread: Double, latent: [Double], errors: [[Double]]
    /// The order in which systems are asked for their next candidate, and that in which candidates are drawn.
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

  /// A system's scores; higher is nearer.
  static func scores(_ latent: [Double], _ errors: [Double], _ size: Double) -> [Double] {
    size.isInfinite ? errors : zip(latent, errors).map { $0 + size * $1 }
  }

  /// The page of an item.
  struct Page {
    /// The page's candidates, by their numbers in the list.
    var candidates: [Int]
    /// By system, with the system and the baseline first: the ranks of all candidates of the list.
    var ranks: [[Int]]
    /// The places in `candidates` that were drawn.
    var drawn: Set<Int> = []
    /// By system and place: the stratum.
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

  /// The true agreement in the population.
  struct Population: Sendable {
    /// The agreement of two listeners of the same page, on the candidates on which the system is compared; and of the
    /// system with a listener.
    var listeners: Double, system: Double
  }

  /// The true agreement for a system, or a baseline, with a given error: the mean over `pages` random pages, without
  /// those that have no order. If systems fill the pages, the candidates on which two listeners are compared depend on
  /// the system too.
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

  /// Creates a study with each item under every condition. Each listener gets the items that were rated least so far.
  /// - Parameter topK: the plan's `top_k`.
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
      }, pages: rated, scale: Double(design.lowest)...Double(design.highest), firsts: topK)
    if let pooling = design.pooling {
      study.pooling = Pooling(
        made: held.map(\.strata), drawn: held.map(\.drawn), systems: study.systems, topK: pooling.topK,
        sureRanks: pooling.sureRanks)
    }
    return study
  }
}
