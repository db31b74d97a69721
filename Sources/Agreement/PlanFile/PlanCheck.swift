import Basics
import Foundation
import Keys
import Ratings
import Statistics
import Study
import Yams

/// What would keep a study from being analysed as its plan says. It is reported before the first listener, because a
/// plan that is fixed later no longer counts as fixed in advance.
public struct PlanCheck {
  /// Errors, with which `earshot analyze` would refuse the plan, and warnings.
  public private(set) var problems: [Problem] = []
  private let file: String
  private let root: Node?

  /// Columns of an exported ratings table that a plan can map.
  private static let exported = RatingTable.columns.filter { $0 != "submitted_at" } + ["type", "position", "saved_at"]

  /// - Parameters:
  ///   - url: the address of analysis.yaml.
  ///   - design: the study; nil if it cannot run yet, in which case only the plan itself is checked.
  ///   - rankings: all rankings that the study names.
  public init(_ url: URL, of design: StudyDesign?, rankings: [Ranking]) {
    file = url.relativePath
    root = (try? InputFile.text(url)).flatMap { try? BoundedYAML.compose($0, file: url.path) }
    let plan: AnalysisPlan
    do { plan = try AnalysisPlan.read(url) } catch {
      problems = (error as? Problems)?.list ?? (error as? Problem).map { [$0] } ?? []
      return
    }
    guard let design else { return }
    names(plan, design, rankings)
    columns(plan)
    rules(plan, design)
    candidates(plan, design, rankings)
  }

  /// The same checks for a study without a plan of its own, which is analysed by the default plan.
  public init(defaultOf design: StudyDesign, rankings: [Ranking], file: String) {
    (self.file, root) = (file, nil)
    candidates(AnalysisPlan(), design, rankings)
  }

  private func place(_ path: String...) -> Place {
    var node = root, mark: Mark?
    for key in path {
      guard let pair = node?.mapping?.first(where: { $0.key.string == key }) else { break }
      (node, mark) = (pair.value, pair.key.mark)
    }
    return Place(file: file, line: mark?.line, column: mark?.column)
  }

  private mutating func fail(_ what: String, at place: Place, mend: String, severity: Problem.Severity = .error) {
    problems.append(Problem(what, at: place, mend: mend, severity: severity))
  }

  private mutating func names(_ plan: AnalysisPlan, _ design: StudyDesign, _ rankings: [Ranking]) {
    let systems = rankings.map(\.system).reduce(into: Names()) { _ = $0.number($1) }.all
    func mend(_ name: String, _ all: [String], _ holder: String) -> String {
      Suggestion.didYouMean(name, among: all) ?? "\(holder) \(all.joined(separator: ", "))."
    }
    for system in plan.systems where !systems.contains(system) {
      fail(
        "the plan names the system '\(system)', which is not in the rankings", at: place("systems"),
        mend: mend(system, systems, "The rankings contain"))
    }
    if case .rule(let rule) = plan.pooling {
      for system in rule.systems where !systems.contains(system) {
        fail(
          "the plan names the system '\(system)', which is not in the rankings", at: place("pooling", "systems"),
          mend: mend(system, systems, "The rankings contain"))
      }
    }
    let judged = plan.systems.isEmpty ? systems : plan.systems
    if let baseline = plan.baseline, place("baseline").line != nil, !judged.contains(baseline) {
      fail(
        "the baseline '\(baseline)' is not among the systems to judge, so every pair of systems would be compared",
        at: place("baseline"), mend: mend(baseline, judged, "The systems are"), severity: .warning)
    }
    let conditions = design.items.map(\.condition).reduce(into: Names()) { _ = $0.number($1) }.all
    for condition in plan.conditions where !conditions.contains(condition) {
      fail(
        "the plan names the condition '\(condition)', which no item of the study has", at: place("conditions"),
        mend: mend(condition, conditions, "The conditions are"))
    }
    let candidates = Set(design.items.flatMap { $0.candidates.map(\.candidate) })
    for (key, names) in [("reference", plan.reference), ("anchor", plan.anchor)] {
      for name in names where !candidates.contains(name) {
        fail(
          "the plan names the \(key) '\(name)', which is on no page", at: place(key),
          mend: Suggestion.didYouMean(name, among: candidates.sorted())
            ?? "Omit it: the export already marks the \(key).", severity: .warning)
      }
    }
  }

  private mutating func columns(_ plan: AnalysisPlan) {
    for name in plan.columns.wide {
      fail(
        "the plan says that the column '\(name)' holds ratings, but an export has one row per rating",
        at: place("columns", "wide"), mend: "Omit 'wide'; it is for tables from elsewhere.")
    }
    for (ours, theirs) in plan.columns.names.sorted(by: { $0.key < $1.key })
    where RatingTable.columns.contains(ours) && !Self.exported.contains(theirs) {
      fail(
        "the plan maps '\(ours)' to the column '\(theirs)', which an export does not have", at: place("columns", ours),
        mend: Suggestion.didYouMean(theirs, among: Self.exported)
          ?? "Omit it: an export has Earshot's own names; 'columns' is for tables from elsewhere.")
    }
  }

  /// Checks for rules that can judge nobody in this study, and for a scale that differs from the study's.
  private mutating func rules(_ plan: AnalysisPlan, _ design: StudyDesign) {
    let trials = design.definition.trials, scale = design.definition.scale
    let hasReference = design.items.contains { $0.candidates.contains(where: \.isReference) }
    let hasAnchor = design.items.contains { $0.candidates.contains(where: \.isAnchor) }
    for rule in plan.screening.apply {
      let lacking: (String, String)? =
        switch rule {
        case .catches where trials.catches == 0: ("attention checks", "trials.catches")
        case .repeats where trials.repeats == 0: ("repeats", "trials.repeats")
        case .reference where !hasReference: ("hidden reference", "pool.hidden_reference")
        case .anchor where !hasAnchor: ("anchor", "pool.anchor_lowpass_hz")
        default: nil
        }
      guard let lacking else { continue }
      fail(
        "the screening rule '\(rule.rawValue)' has no effect: the study has no \(lacking.0)",
        at: place("screening", "apply"), mend: "Omit it, or set '\(lacking.1)' in study.yaml.", severity: .warning)
    }
    let own = Double(scale.minimum)...Double(scale.maximum)
    if let stated = plan.scale, stated != own {
      fail(
        "the plan's scale runs from \(stated.lowerBound.cellText) to \(stated.upperBound.cellText), the study's from \(scale.minimum) to \(scale.maximum)",
        at: place("scale"), mend: "Omit it: the export states the scale.", severity: .warning)
    }
  }

  /// Checks what the pages will say about each system's order.
  private mutating func candidates(_ plan: AnalysisPlan, _ design: StudyDesign, _ rankings: [Ranking]) {
    let pages = PlannedPages(plan, design, rankings)
    for system in pages.judged {
      guard let count = pages.short[system] else { continue }
      let why =
        pages.isShortBySelection
        ? "too few candidates per page can be compared (fewer than 'min_candidates: \(plan.minimumCandidates)' once comparisons confounded by its own selection are omitted)"
        : "pages hold fewer than 'min_candidates: \(plan.minimumCandidates)' candidates that it ranks"
      fail(
        "\(count) of \(pages.items.count, "item") will carry no information about the order of \(system): \(why)",
        at: place("min_candidates"),
        mend:
          "Raise 'pool.top_k' or 'pool.random_fillers' in study.yaml, or lower 'min_candidates' in the plan (the minimum is 2).",
        severity: .warning)
    }
    if let first = plan.statedTopK, let sure = pages.sureRanks, first > sure, pages.areSelected {
      fail(
        "the first \(first) of each system count, but pages are only sure to show the first \(sure)",
        at: place("top_k"),
        mend: "Write auto, or at most \(max(1, sure)); or raise 'pool.top_k' in study.yaml.", severity: .warning)
    }
    if pages.areSelected, design.definition.pool.randomFillers == 0 {
      fail(
        "pages hold only candidates that systems rank first, so only their mean rating can show whether a system's first candidates are better than chance",
        at: Place(file: file.replacing("analysis.yaml", with: "study.yaml")),
        mend:
          "Set 'pool.random_fillers: 2' or more; each costs \(design.definition.trials.secondsPerCandidate.cellText) seconds per page. docs/results.md explains what is compared without them.",
        severity: .warning)
    }
  }
}

/// What a study's pages can say about each system's order.
private struct PlannedPages {
  /// The systems to judge, in the order of the plan or the rankings.
  let judged: [String]
  let items: [StudyDesign.Item]
  /// By system: the number of items that say nothing about its order.
  private(set) var short: [String: Int] = [:]
  /// Whether some of these items would say something if the system's own order had not selected their candidates.
  private(set) var isShortBySelection = false
  /// Whether the candidates of any page were selected by the orders that are judged.
  private(set) var areSelected = false
  /// How many first ranks of each system every page is sure to show; nil if there are no pages.
  private(set) var sureRanks: Int?
  private let plan: AnalysisPlan
  private let pool: StudyDefinition.Pool
  private let pooled: [String]
  private let byItem: [Key: Ranking]

  private struct Key: Hashable { var query, condition, system: String }

  init(_ plan: AnalysisPlan, _ design: StudyDesign, _ rankings: [Ranking]) {
    let all = rankings.map(\.system).reduce(into: Names()) { _ = $0.number($1) }.all
    (self.plan, pool) = (plan, design.definition.pool)
    pooled = pool.systems.isEmpty ? all : pool.systems
    judged = (plan.systems.isEmpty ? all : plan.systems).filter(all.contains)
    items = design.items.filter { plan.conditions.isEmpty || plan.conditions.contains($0.condition) }
    byItem = Dictionary(
      rankings.map { (Key(query: $0.query, condition: $0.condition, system: $0.system), $0) },
      uniquingKeysWith: { a, _ in a })
    for item in items { look(at: item) }
  }

  private func ranking(_ system: String, of item: StudyDesign.Item) -> Ranking? {
    byItem[Key(query: item.query, condition: item.condition, system: system)]
  }

  private mutating func look(at item: StudyDesign.Item) {
    let shown = item.candidates.filter { plan.includeReference || !$0.isReference && !$0.isAnchor }
    func ranks(_ system: String) -> [Int] {
      let places = Dictionary(
        ranking(system, of: item)?.entries.map { ($0.candidate, $0.rank) } ?? [], uniquingKeysWith: { a, _ in a })
      return shown.map { places[$0.candidate] ?? .max }
    }
    let listed = Set(pooled.flatMap { ranking($0, of: item)?.entries.map(\.candidate) ?? [] })
    let isWhole = listed.isSubset(of: item.candidates.map(\.candidate))
    let ofPooled = pooled.map(ranks)
    var rule = PoolSettings()
    (rule.topK, rule.maxPerTrial) = (pool.topK, pool.maxPerTrial)
    let sure = rule.sureRanks(of: pooled.count, beside: item.candidates.count { $0.isReference || $0.isAnchor })
    sureRanks = min(sureRanks ?? sure, sure)
    for system in judged {
      let own = ranks(system), ranked = own.indices.filter { own[$0] < .max || plan.unranked == .last }
      var ends = [ranked.count]
      if plan.pooling != .none, !isWhole, let number = pooled.firstIndex(of: system) {
        areSelected = true
        let strata = Pooling.strata(ofPooled, own: number, topK: pool.topK, sureRanks: sure)
        ends = Statistics.strataEnds(ranked.map { shown[$0].isReference ? 0 : strata[$0] }.sorted())
      }
      if !Statistics.strataSuffice(ends, fewest: plan.minimumCandidates) {
        short[system, default: 0] += 1
        if ranked.count >= plan.minimumCandidates { isShortBySelection = true }
      }
    }
  }
}
