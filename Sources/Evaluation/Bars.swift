import Reporting
import Statistics

/// The criteria that a system has to meet before it may be called a model worth testing with listeners.
enum Bar {
  static let recall5 = 0.75, mrr = 0.5, factorOverHandmade = 2.0
  static let targetsOfClass = 60
  /// A wrong class is near chance if it finds the target at most this many times as often as a random order.
  static let factorOverChance = 1.5
}

extension EvaluationTables {
  /// The chosen system compared with each criterion; empty if it is not a model.
  var bars: ResultTable {
    var table = ResultTable(
      "bars", "Bars that \(evaluation.against) met or missed",
      [
        .init("bar", "bar"), .init("condition", "class"), .init("compared_with", "compared with"),
        .init("value", "value", digits: 3), .init("low", "low", digits: 3), .init("high", "high", digits: 3),
        .init("wanted", "wanted", digits: 3), .init("met", "met"),
      ])
    let system = evaluation.against
    guard system != "random", !evaluation.handmade.contains(system) else { return table }
    func add(_ bar: String, _ condition: String?, _ other: String?, _ estimate: Estimate, _ wanted: Double, _ met: Bool)
    {
      table.add(
        .text(bar), .text(condition ?? "all"), other.map { .text($0) } ?? .missing, Cell(estimate.value),
        Cell(estimate.interval?.low), Cell(estimate.interval?.high), Cell(wanted), .flag(met))
    }
    for condition in evaluation.conditions {
      let count = Set(evaluation.targets(of: condition).map { evaluation.test.targets[$0].candidate }).count
      add(
        "different targets", condition, nil, Estimate(value: Double(count)), Double(Bar.targetsOfClass),
        count >= Bar.targetsOfClass)
    }
    let mrr = scores.estimate(system, nil, .mrr), recall = scores.estimate(system, nil, .recall5)
    add("MRR", nil, nil, mrr, Bar.mrr, mrr.value >= Bar.mrr)
    add("R@5", nil, nil, recall, Bar.recall5, recall.value >= Bar.recall5)
    let rivals = evaluation.rivals.filter { $0 != "random" }
    for condition in evaluation.conditions {
      for rival in rivals {
        let difference = scores.difference(system, less: rival, condition, .mrr)
        add("MRR above a rival", condition, rival, difference, 0, difference.value > 0)
      }
    }
    for rival in rivals {
      let difference = scores.difference(system, less: rival, nil, .mrr)
      add(
        "MRR significantly above a rival", nil, rival, difference, 0, (difference.interval?.low ?? -.infinity) > 0)
    }
    if let best = bestHandmade {
      let own = scores.estimate(best, nil, .mrr).value
      if own > 0 {
        let ratio = Estimate(value: mrr.value / own)
        add(
          "MRR relative to the best handmade feature or filter", nil, best, ratio, Bar.factorOverHandmade,
          ratio.value >= Bar.factorOverHandmade)
      }
    }
    if let leakage = leakage.last, let row = leakage.rows(where: ["system": system, "asked": "wrong"]).first,
      let value = leakage.number(row, "value"), let chance = leakage.number(row, "chance")
    {
      let low = leakage.number(row, "low"), high = leakage.number(row, "high")
      let interval = low.flatMap { low in high.map { Interval(low: low, high: $0) } }
      add(
        "MRR with a wrong class", nil, nil, Estimate(value: value, interval: interval), Bar.factorOverChance * chance,
        value <= Bar.factorOverChance * chance)
    }
    return table
  }

  /// The handmade system with the highest MRR over all classes.
  var bestHandmade: String? {
    evaluation.families.filter { evaluation.handmade.contains($0) && $0 != evaluation.against }
      .max { scores.estimate($0, nil, .mrr).value < scores.estimate($1, nil, .mrr).value }
  }
}
