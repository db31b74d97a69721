import Basics
import Foundation
import Ratings
import Reporting
import Statistics
import Study

/// Whether kinds of listeners answer differently. Kinds are the groups of a study and the listeners' statements about
/// themselves; each such trait is tested by itself.
///
/// The linear mixed model is
/// `value ~ system × trait + (1 | listener) + (1 | listener:system) + (1 | item) + (1 | item:system)`, by REML, with
/// Satterthwaite's degrees of freedom. Terms that cannot be distinguished from noise are left out. The contrasts are of
/// marginal means, as in emmeans: of each system between two levels, of all systems, and the difference of two systems
/// between two levels (the interaction contrast). Interactions of items with a trait count as noise.
///
/// Shares of answers near 0 or 1 vary too little for one error for all, so their contrasts are tested by Welch's t-test of the
/// listeners' own shares.
struct Moderators {
  private let answers: ValuedAnswers
  private let plan: AnalysisPlan
  private let traits: [ListenerTraits.Trait]

  private typealias Row = ValuedAnswers.Row
  private var rows: [Row] { answers.rows }
  private var type: String { answers.type }
  private var scale: String { answers.scale }
  private var digits: Int { answers.digits }

  /// With more rows or systems than this, no model is fitted.
  private static let mostRows = 30_000, mostSystems = 12

  init(_ answers: ValuedAnswers, plan: AnalysisPlan, traits: ListenerTraits) {
    (self.answers, self.plan) = (answers, plan)
    self.traits = traits.among(Array(Set(answers.rows.map(\.listener))))
  }

  private struct Fit {
    var model: LinearMixedModel
    var systems: [String], trait: ListenerTraits.Trait, counts: [Int]

    /// The weights of the marginal mean of a system at a level: intercept, systems, levels, and their interactions.
    func mean(_ system: Int, _ level: Int) -> [Double] {
      let s = systems.count - 1, l = trait.levels.count - 1
      var weights = Array(repeating: 0.0, count: 1 + s + l + s * l)
      weights[0] = 1
      if system > 0 { weights[system] = 1 }
      if level > 0 { weights[s + level] = 1 }
      if system > 0, level > 0 { weights[1 + s + l + (system - 1) * l + level - 1] = 1 }
      return weights
    }
  }

  private func fit(_ trait: ListenerTraits.Trait) -> Fit? {
    let own = rows.filter { trait.level[$0.listener] != nil }, systems = Set(own.map(\.system)).sorted()
    guard own.count <= Self.mostRows, systems.count <= Self.mostSystems, own.count > 2 * systems.count else {
      return nil
    }
    let number = Dictionary(uniqueKeysWithValues: systems.enumerated().map { ($1, $0) })
    let system = own.map { number[$0.system] ?? 0 }, level = own.map { trait.level[$0.listener] ?? 0 }
    func dummy(_ name: String, _ isOne: (Int) -> Bool) -> Predictor {
      Predictor(name, own.indices.map { isOne($0) ? 1 : 0 })
    }
    var fixed = (1..<max(1, systems.count)).map { s in dummy(systems[s]) { system[$0] == s } }
    fixed += (1..<trait.levels.count).map { l in dummy(trait.levels[l]) { level[$0] == l } }
    for s in 1..<max(1, systems.count) {
      for l in 1..<trait.levels.count {
        fixed.append(dummy("\(systems[s]):\(trait.levels[l])") { system[$0] == s && level[$0] == l })
      }
    }
    let listenerCount = Set(own.map(\.listener)).count, itemCount = Set(own.map(\.item)).count, items = itemCount > 2
    /// - Parameter within: the number of levels of the factor in which this one lies: with as many, both are the same.
    func effect(_ name: String, within: Int = 2, _ key: (Row) -> String) -> RandomEffect? {
      var names = Names()
      let levels = own.map { Int(names.number(key($0))) }
      return names.count > within && names.count < own.count ? RandomEffect(name, levels: levels) : nil
    }
    let random = [
      effect("listener") { $0.listener },
      systems.count > 1 ? effect("listener:system", within: listenerCount) { "\($0.listener)\u{1f}\($0.system)" } : nil,
      items ? effect("item") { $0.item } : nil,
      items && systems.count > 1 ? effect("item:system", within: itemCount) { "\($0.item)\u{1f}\($0.system)" } : nil,
    ].compactMap(\.self)
    guard !random.isEmpty, let model = try? LinearMixedModel(own.map(\.value), fixed: fixed, random: random) else {
      return nil
    }
    let counts = trait.levels.indices.map { l in
      Set(own.filter { trait.level[$0.listener] == l }.map(\.listener)).count
    }
    return Fit(model: model, systems: systems, trait: trait, counts: counts)
  }

  private static func table(digits: Int) -> ResultTable {
    ResultTable(
      "moderators", "Differences between groups of listeners",
      SystemTables.kindColumns + [
        .init("moderator", "Trait"), .init("level", "Level"), .init("other", "Minus level"), .init("system", "System"),
        .init("baseline", "Minus system"), .init("difference", "Difference", digits: digits),
        .init("error", "Standard error", digits: digits), .init("degrees_of_freedom", "Degrees of freedom", digits: 1),
        .init("low", "Low", digits: digits), .init("high", "High", digits: digits), .init("p", "p", digits: 4),
        .init("p_corrected", "p, corrected", digits: 4), .init("correction", "Correction"),
        .init("listeners", "Listeners", digits: 0), .init("other_listeners", "Other listeners", digits: 0),
      ])
  }

  /// A difference between listeners of two levels: in one system, in all systems, or in the difference between two
  /// systems.
  private struct Difference {
    let cells: [Cell], counts: [Cell], contrast: Coefficient, isOfTwo: Bool

    /// Whether there is no variance from which an error follows, but for rounding.
    var isUnvarying: Bool { contrast.standardError <= 1e-12 }
  }

  /// All differences between each two levels.
  private func differences(_ fit: Fit) -> [Difference] {
    let trait = fit.trait
    func minus(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map(-) }
    var told: [Difference] = []
    for b in trait.levels.indices {
      for a in trait.levels.indices where a < b {
        let between = fit.systems.indices.map { minus(fit.mean($0, a), fit.mean($0, b)) }
        func tell(_ system: String, _ baseline: String, _ weights: [Double]) {
          told.append(
            Difference(
              cells: [
                .text(trait.name), .text(trait.levels[a]), .text(trait.levels[b]), .text(system), .text(baseline),
              ],
              counts: [.count(fit.counts[a]), .count(fit.counts[b])], contrast: fit.model.contrast("", weights),
              isOfTwo: !baseline.isEmpty))
        }
        if fit.systems.count > 1 {
          let share = 1 / Double(fit.systems.count)
          tell(
            "all", "", between.dropFirst().reduce(between[0]) { sum, one in zip(sum, one).map(+) }.map { $0 * share })
        }
        for (s, system) in fit.systems.enumerated() { tell(system, "", between[s]) }
        for s in fit.systems.indices {
          for t in fit.systems.indices where t > s {
            tell(fit.systems[s], fit.systems[t], minus(between[s], between[t]))
          }
        }
      }
    }
    return told
  }

  /// The same differences of shares: Welch's t-test of what each listener's shares are. Listeners without an answer about one
  /// of the systems do not count.
  private func differencesOfShares(_ trait: ListenerTraits.Trait) -> [Difference] {
    let own = rows.filter { trait.level[$0.listener] != nil }, systems = Set(own.map(\.system)).sorted()
    guard systems.count <= Self.mostSystems else { return [] }
    let shares = Dictionary(grouping: own, by: \.listener).mapValues { answers in
      Dictionary(grouping: answers, by: \.system).mapValues { $0.reduce(0) { $0 + $1.value } / Double($0.count) }
    }
    var told: [Difference] = []
    func tell(_ system: String, _ baseline: String, _ of: ([String: Double]) -> Double?) {
      let values = trait.levels.indices.map { level in
        shares.keys.sorted().filter { trait.level[$0] == level }.compactMap { shares[$0].flatMap(of) }
      }
      for b in trait.levels.indices {
        for a in trait.levels.indices where a < b {
          guard let contrast = Self.welch(values[a], values[b]) else { continue }
          told.append(
            Difference(
              cells: [
                .text(trait.name), .text(trait.levels[a]), .text(trait.levels[b]), .text(system), .text(baseline),
              ], counts: [.count(values[a].count), .count(values[b].count)], contrast: contrast,
              isOfTwo: !baseline.isEmpty))
        }
      }
    }
    if systems.count > 1 {
      tell("all", "") { shares in
        shares.count == systems.count ? shares.values.reduce(0, +) / Double(systems.count) : nil
      }
    }
    for system in systems { tell(system, "") { $0[system] } }
    for (s, system) in systems.enumerated() {
      for other in systems[(s + 1)...] {
        tell(system, other) { shares in shares[system].flatMap { own in shares[other].map { own - $0 } } }
      }
    }
    return told
  }

  /// The difference of two means by Welch (1947). Nil with fewer than two values in one of them.
  private static func welch(_ a: [Double], _ b: [Double]) -> Coefficient? {
    guard a.count > 1, b.count > 1 else { return nil }
    func moments(_ values: [Double]) -> (mean: Double, error: Double) {
      let n = Double(values.count), mean = values.reduce(0, +) / n
      return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n * (n - 1)))
    }
    let (first, second) = (moments(a), moments(b)), error = first.error + second.error
    let parts =
      first.error * first.error / Double(a.count - 1) + second.error * second.error / Double(b.count - 1)
    return Coefficient(
      name: "", value: first.mean - second.mean, standardError: error.squareRoot(),
      degreesOfFreedom: parts > 0 ? error * error / parts : .infinity)
  }

  /// Adds the table `moderators`, and remarks on it.
  func add(to findings: inout Findings) {
    var table = Self.table(digits: digits)
    var remarks: [Remark] = []
    for trait in traits {
      let told =
        plan.linearModels == .never
        ? [] : answers.isShare ? differencesOfShares(trait) : fit(trait).map(differences) ?? []
      // Listeners who all have the same share say nothing of how listeners vary.
      let p = told.map { one in
        one.isUnvarying || !one.contrast.p.isFinite ? nil : min(1, max(0, one.contrast.p))
      }
      let corrected = adjusted(p, Correction(rawValue: plan.correction.rawValue) ?? .holm)
      for (i, one) in told.enumerated() {
        let freedom = one.contrast.degreesOfFreedom, error = one.isUnvarying ? .nan : one.contrast.standardError
        let ends =
          one.isUnvarying ? Interval(low: .nan, high: .nan) : one.contrast.interval(level: plan.confidence)
        table.rows.append(
          [.text(type), .text(scale)] + one.cells + [
            Cell(one.contrast.value), Cell(error),
            freedom.isFinite ? .number(freedom) : .missing, Cell(ends.low), Cell(ends.high), Cell(p[i]),
            Cell(corrected[i]), .text(plan.correction.rawValue),
          ] + one.counts)
      }
      let surely = zip(told, corrected).filter { ($1 ?? 1) < 1 - plan.confidence }.map(\.0)
      let differing = surely.count(where: \.isOfTwo)
      if let remark = remark(
        trait, isCompared: !told.isEmpty, differing: differing, shifted: surely.count - differing)
      {
        remarks.append(remark)
      }
    }
    findings.remarks = Integrity.sorted(findings.remarks + remarks)
    guard !table.rows.isEmpty else { return }
    findings.tables.append(table)
    let words: Prose =
      answers.isShare
      ? "Differences between groups of listeners in shares of answers (table moderators) are tested by Welch's t-test of the listeners' own shares, with p-values corrected for multiple comparisons by \(plan.correction.words) within a trait."
      : "Differences between groups of listeners (study groups, and what listeners said about themselves: table moderators) are estimated by a linear mixed model of value by system × trait, with listeners and items as random effects, separately for each trait; contrasts of marginal means are computed as in emmeans, with Satterthwaite's degrees of freedom and p-values corrected for multiple comparisons by \(plan.correction.words) within a trait."
    if !findings.methods.contains(words) { findings.methods.append(words) }
  }

  /// - Parameters:
  ///   - isCompared: whether the levels were compared.
  ///   - differing: the number of significant differences in how two systems compare.
  ///   - shifted: the number of significant differences in level only.
  /// - Returns: nil if the study did not assign the levels, and no difference between systems depends on them.
  private func remark(_ trait: ListenerTraits.Trait, isCompared: Bool, differing: Int, shifted: Int) -> Remark? {
    let name = [type, scale].filter { !$0.isEmpty }.joined(separator: " ")
    let compared =
      !isCompared
      ? "They could not be compared; analyse each separately."
      : differing > 0
        ? "\(differing, "difference") between two systems \(OneAndMany.words(differing, "changes", "change")) significantly between them: see table moderators before quoting one figure for all."
        : shifted > 0
          ? "No difference between two systems changes significantly between them, but the level of answers does: see table moderators."
          : "No significant difference between them was found, which does not show that they are equal: see the intervals in table moderators."
    let isGroup = trait.name == ParticipantRow.groupColumn
    guard isGroup || differing > 0 else { return nil }
    return .init(
      code: isGroup ? "groups_together" : "moderated", weight: isGroup && differing == 0 ? .note : .caution,
      what:
        "\(name.isEmpty ? "" : "\(name): ")\(isGroup ? "Listeners belong to \(trait.levels.count, "group"), analysed together above" : "Listeners differ by \(trait.name)"): \(SystemFindings.list(trait.levels)).",
      meaning: compared, count: trait.levels.count)
  }
}

extension Findings {
  /// Adds whether kinds of listeners answer differently, and keeps the answers of a block to compare them with those of
  /// other blocks.
  mutating func add(_ answers: ValuedAnswers, plan: AnalysisPlan, by traits: ListenerTraits) {
    if plan.block != nil { ofBlock.append(answers) }
    Moderators(answers, plan: plan, traits: traits).add(to: &self)
  }
}

extension ListenerTraits {
  /// A remark if listeners belong to several groups that no table compares, so that groups are never pooled silently.
  func remark(among listeners: Set<String>) -> Remark? {
    let groups = levels(of: ParticipantRow.groupColumn, among: listeners)
    guard groups.count > 1 else { return nil }
    return .init(
      code: "groups_together", weight: .caution,
      what: "Listeners belong to \(groups.count, "group"), analysed together here: \(SystemFindings.list(groups)).",
      meaning: "Nothing here compares them. To analyse one group, omit the others from the table.",
      count: groups.count)
  }
}
