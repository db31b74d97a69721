import Agreement
import Basics
import Foundation
import Ratings
import Statistics

/// The components of a pilot's ratings, by the method of moments.
///
/// - `candidate`, `taste` and `noise`: within each item, `rating = candidate + page + rest` (`VarianceComponents`),
///   with the items' variances averaged. The difference between pages repeated to a listener is `noise`. Without
///   repeats all of the rest is called noise, which changes simulated studies only through `keenness`.
/// - `query` and `bias`: the pages' means as `item + listener + rest`.
/// - `spread`: how much the logarithms of the items' variances differ, beyond the sampling error with so few
///   candidates. (The variances themselves have so long a tail that one item in thirty would decide.)
/// - `gain` and `keenness`: how much the listeners' slopes on the items' mean ratings, and the residuals about them,
///   differ beyond the sampling error with so few ratings.
///
/// Negative estimates are set to 0. The ends of the scale, where ratings pile up, hide part of the differences. So
/// studies of the pilot's size are simulated from the estimates and estimated in the same way, and the amount by which
/// they fall short of the pilot is added, three times over (indirect inference: Gouriéroux, Monfort & Renault 1993;
/// twenty studies each). The hidden reference and the anchor are left out unless the plan includes them.
public struct PowerPilot: Sendable, Equatable {
  /// How listeners, items and answers vary, as estimated.
  public var components = PowerComponents()
  /// The pilot's own design.
  public var design = PowerDesign()
  /// Those who rated at least one page.
  public var listeners = 0
  /// Those that were rated.
  public var queries = 0
  public var pages = 0
  /// The pages that were rated twice by the same listener.
  public var repeats = 0

  /// - Parameter pooling: how systems filled the pilot's pages, so that differences between candidates that selection
  ///   hid are recovered too; nil if they did not.
  /// - Throws: a `Problem` if there are too few data to separate the components.
  public init(_ table: RatingTable, plan: AnalysisPlan, pooling: PowerPooling? = nil) throws {
    var plan = plan
    (plan.systems, plan.pooling) = ([], .auto)
    try self.init(try RatedStudy(table, rankings: [], plan: plan), plan: plan, called: table.file, pooling: pooling)
  }

  /// The same for ratings that are already arranged as a study.
  /// - Parameter name: the name of the ratings in errors.
  public init(
    _ study: RatedStudy, plan: AnalysisPlan, called name: String = "the pilot", pooling: PowerPooling? = nil
  ) throws {
    try self.init(moments: study, plan: plan, called: name)
    design.pooling = pooling
    let first = components, size = (listeners, queries)
    var paths: [WritableKeyPath<PowerComponents, Double>] = [\.candidate, \.spread, \.query, \.bias, \.gain]
    // Simulated studies do not repeat pages, so their noise and its spread correspond to pilots without repeats.
    if repeats == 0 { paths += [\.noise, \.keenness] }
    for round in 0..<3 {
      let model = PowerModel(
        components: components, design: design, systemError: pooling == nil ? 0 : PowerPooling.othersError)
      let found = pureMap(Array(0..<20)) { number -> PowerComponents? in
        var random = SeededRandom(seed: 1, "power pilot", "\(round)", "\(number)")
        let again = model.study(listeners: size.0, queries: size.1, &random)
        return (try? PowerPilot(moments: again, plan: plan, called: name))?.components
      }.compactMap(\.self)
      guard found.count > 10 else { return }
      for path in paths where first[keyPath: path] > 0 {
        let short = first[keyPath: path] - (mean(found.map { $0[keyPath: path] }) ?? first[keyPath: path])
        components[keyPath: path] = max(0, min(2 * first[keyPath: path], components[keyPath: path] + short))
      }
    }
  }

  private init(moments study: RatedStudy, plan: AnalysisPlan, called name: String) throws {
    let pages = PilotPages(study, plan: plan)
    guard let items = pages.items else {
      throw Problem(
        "the pilot is too small to estimate variance components", at: Place(file: name),
        mend: "Use several queries, each rated by at least two listeners; or omit the pilot and state the components."
      )
    }
    components.candidate = items.candidate.squareRoot()
    components.spread = items.spread

    // Whatever two presentations of a page to a listener do not share is noise.
    let noise = pages.noise
    repeats = noise.pages
    let unshared = noise.variance.map { min(items.rest, $0) } ?? items.rest
    components.noise = unshared.squareRoot()
    components.taste = max(0, items.rest - unshared).squareRoot()

    let levels = pages.levels, candidates = mean(pages.mains.map { Double($0.values.count) }) ?? 2
    components.centre = levels.centre
    components.query = max(0, levels.items - items.candidate / candidates).squareRoot()
    components.bias = max(0, levels.listeners).squareRoot()

    let slopes = pages.slopes(on: items.means)
    if let slope = mean(slopes.map(\.slope)), slope > 0, let varies = variance(slopes.map(\.slope)),
      let sampling = mean(slopes.map(\.sampling))
    {
      components.gain = log(1 + max(0, varies - sampling) / (slope * slope)).squareRoot()
    }
    if let scatter = mean(slopes.map(\.scatter)), scatter > 0, let varies = variance(slopes.map(\.scatter)),
      let freedom = mean(slopes.map(\.freedom))
    {
      // Only the noise differs between listeners, and it is part of the scatter.
      let share = items.rest > 0 ? max(0.2, unshared / items.rest) : 1
      components.keenness = min(
        1, Self.logDeviation(variance: varies, sampling: 2 * scatter * scatter / freedom, mean: scatter * share))
    }
    // The mean of the squares over listeners is greater than the square for the typical one; likewise over items.
    components.noise *= exp(-components.keenness * components.keenness)
    components.candidate *= exp(-components.spread * components.spread)

    listeners = Set(pages.mains.map(\.listener)).count
    queries = Set(pages.mains.map { study.items[$0.item].query }).count
    self.pages = pages.mains.count
    design.conditions = study.conditions.count
    design.pages = max(1, Int((Double(self.pages) / Double(listeners)).rounded()))
    design.candidates = max(2, Int(candidates.rounded()))
    // A scale with more points than an integer can count is treated as continuous.
    let ends = (study.scale.lowerBound.rounded(.down), study.scale.upperBound.rounded(.up))
    (design.lowest, design.highest) =
      ends.1 - ends.0 >= 3 && abs(ends.0) <= 1e9 && abs(ends.1) <= 1e9 ? (Int(ends.0), Int(ends.1)) : (0, 100)
  }

  /// The standard deviation s of the logarithm of a spread whose squares, `exp(2 s z)`, have this variance beyond the
  /// sampling variance.
  private static func logDeviation(variance: Double, sampling: Double, mean: Double) -> Double {
    (log(1 + max(0, variance - sampling) / (mean * mean))).squareRoot() / 2
  }
}
