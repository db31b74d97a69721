import Foundation
import Ratings
import Reporting
import Statistics

/// How suitable scores are for means and models: whether they pile up at the ends of the scale, and whether their noise
/// is equally large at high and low scores. Also opinion scores that allow for each listener's bias and inconsistency
/// (ITU-T P.913).
struct ScoreQuality {
  let kind: ScoreTable.Kind
  let systems: SystemSample

  private var sample: Sample { systems.sample }
  private var study: RatedStudy { sample.study }
  private var digits: Int { study.ratingDigits }
  private var kindCells: [Cell] { [.text(kind.type), .text(kind.scale)] }

  /// With at least this share of scores at one end of the scale, a mean and a normal error are misleading.
  private static let manyAtBounds = 0.2
  /// The ratio of the noise at one end of the fitted values to that in the middle from which noise counts as uneven.
  private static let uneven = 2.0

  private struct Scored { var system: Int, value: Double, fitted: Double }

  /// Contenders' scores, and their expectation from listener and item alone: the mean of the system on the item, plus
  /// the listener's effect.
  private var scores: [Scored] {
    let effects = ListenerEffects(study, pages: sample.pages).effects, count = systems.names.count
    var sums = Array(repeating: 0.0, count: study.items.count * count), counts = sums
    var found: [(cell: Int, listener: Int, system: Int, value: Double)] = []
    for page in sample.pages {
      for k in systems.contenders {
        let score = systems.score(page, k)
        if score.isNaN { continue }
        let cell = page.item * count + k
        sums[cell] += score - effects[page.listener]
        counts[cell] += 1
        found.append((cell, page.listener, k, score))
      }
    }
    return found.map {
      Scored(system: $0.system, value: $0.value, fitted: sums[$0.cell] / counts[$0.cell] + effects[$0.listener])
    }
  }

  /// The table `score_diagnostics`, for each contender and for all together.
  var diagnostics: ResultTable {
    var table = ResultTable(
      "score_diagnostics", "Score diagnostics",
      SystemTables.kindColumns + [
        .init("system", "System"), .init("scores", "Scores", digits: 0), .init("at_lowest", "Share at lowest"),
        .init("at_highest", "Share at highest"), .init("skew", "Skew"),
        .init("noise_low", "Noise, low", digits: digits), .init("noise_middle", "Noise, middle", digits: digits),
        .init("noise_high", "Noise, high", digits: digits), .init("residual_skew", "Residual skew"),
      ])
    let all = scores, order = all.map(\.fitted).sorted()
    guard all.count > 5 else { return table }
    let thirds = [order[order.count / 3], order[2 * order.count / 3]]
    func spread(_ part: [Scored]) -> Double? { variance(part.map { $0.value - $0.fitted })?.squareRoot() }
    func row(_ name: String, _ part: [Scored]) {
      let n = Double(part.count), scale = study.scale
      table.rows.append(
        kindCells + [
          .text(name), .count(part.count), .number(Double(part.count { $0.value <= scale.lowerBound }) / n),
          .number(Double(part.count { $0.value >= scale.upperBound }) / n), Cell(Self.skew(part.map(\.value))),
          Cell(spread(part.filter { $0.fitted < thirds[0] })),
          Cell(spread(part.filter { $0.fitted >= thirds[0] && $0.fitted < thirds[1] })),
          Cell(spread(part.filter { $0.fitted >= thirds[1] })), Cell(Self.skew(part.map { $0.value - $0.fitted })),
        ])
    }
    row("all", all)
    for k in systems.contenders {
      let own = all.filter { $0.system == k }
      if own.count > 2 { row(systems.names[k], own) }
    }
    return table
  }

  /// The third standardised moment, with divisor n; nil without variation.
  private static func skew(_ values: [Double]) -> Double? {
    guard let middle = mean(values) else { return nil }
    let n = Double(values.count), second = values.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / n
    guard second > 1e-12 else { return nil }
    return values.reduce(0) { $0 + pow($1 - middle, 3) } / n / pow(second, 1.5)
  }

  func remarks(_ name: String) -> [Remark] {
    // On a scale of a few categories scores are often at the ends, and an order always has a first and a last.
    let range = kind.range ?? 0...100
    guard range.upperBound - range.lowerBound > 10, kind.type != "rank" else { return [] }
    let table = diagnostics
    let piled = table.rows.indices.dropFirst().filter {
      max(table.number($0, "at_lowest") ?? 0, table.number($0, "at_highest") ?? 0) >= Self.manyAtBounds
    }.map { table.text($0, "system") }
    var found: [Remark] = []
    if !piled.isEmpty {
      found.append(
        .init(
          code: "scores_at_bounds", weight: .caution,
          what: "\(name)A fifth or more of the scores of \(SystemFindings.list(piled)) lie at an end of the scale.",
          meaning:
            "The scale cannot show how much better or worse they are: differences from them are underestimated, and a "
            + "normal error model fits them poorly. Table score_diagnostics has the shares.", count: piled.count))
    }
    if let middle = table.rows.isEmpty ? nil : table.number(0, "noise_middle"), middle > 0 {
      let ends = [table.number(0, "noise_low") ?? middle, table.number(0, "noise_high") ?? middle]
      if ends.contains(where: { $0 > Self.uneven * middle || $0 * Self.uneven < middle }) {
        found.append(
          .init(
            code: "uneven_noise", weight: .note,
            what:
              "\(name)The noise of scores has a standard deviation of \(ends[0], digits: digits) where scores are low, \(middle, digits: digits) in the middle and \(ends[1], digits: digits) where they are high.",
            meaning:
              "The mixed model assumes the same noise everywhere; intervals from resampling do not, so quote those.",
            count: 1))
      }
    }
    return found
  }

  /// The table `adjusted_scores` by contender and item, and by contender over its items: the plain mean, and the
  /// quality by the subject model, `score = quality + bias of the listener + inconsistency of the listener × noise`, by
  /// maximum likelihood (Li & Bampis 2017; ITU-T P.913, 12). Intervals come from that model, by 1 / √Σ
  /// 1/inconsistency²; they are about these listeners and items only.
  var adjusted: [ResultTable] {
    var table = ResultTable(
      "adjusted_scores", "Scores adjusted for listener bias and inconsistency (ITU-T P.913)",
      SystemTables.kindColumns + [
        .init("condition", "Condition"), .init("item", "Item"), .init("system", "System"),
        .init("mean", "Mean", digits: digits), .init("adjusted", "Adjusted", digits: digits),
        .init("low", "Low", digits: digits), .init("high", "High", digits: digits),
        .init("scores", "Scores", digits: 0),
      ])
    guard study.listeners.count > 1, let z = Normal().quantile((1 + sample.plan.confidence) / 2) else { return [] }
    struct Stimulus { var condition: String, item: String, mean: Double, quality: Double, variance: Double, count: Int }
    let model = SubjectModel(study, pages: sample.pages)
    var found = systems.names.map { _ in [Stimulus]() }
    for (i, item) in study.items.enumerated() {
      for (candidate, name) in item.candidates.enumerated() {
        let one = model.stimulus(i, candidate)
        guard one.count > 0, let k = systems.names.firstIndex(of: name), systems.contenders.contains(k) else {
          continue
        }
        found[k].append(
          Stimulus(
            condition: study.conditionName(item.condition), item: study.queries[item.query], mean: one.mean,
            quality: one.quality, variance: one.error * one.error, count: one.count))
      }
    }
    func row(_ condition: String, _ item: String, _ k: Int, _ part: [Stimulus]) {
      let n = Double(part.count), quality = part.reduce(0) { $0 + $1.quality } / n
      let error = part.reduce(0) { $0 + $1.variance }.squareRoot() / n
      table.rows.append(
        kindCells + [
          .text(condition), .text(item), .text(systems.names[k]), Cell(part.reduce(0) { $0 + $1.mean } / n),
          Cell(quality), Cell(quality - z * error), Cell(quality + z * error),
          .count(part.reduce(0) { $0 + $1.count }),
        ])
    }
    for k in systems.contenders where !found[k].isEmpty { row(sample.groups[0].name, "all", k, found[k]) }
    for k in systems.contenders {
      for one in found[k].sorted(by: { ($0.condition, $0.item) < ($1.condition, $1.item) }) {
        row(one.condition, one.item, k, [one])
      }
    }
    return [table]
  }
}
