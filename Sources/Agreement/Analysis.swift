import Basics
import Foundation
import Reporting
import Statistics
import Study

/// From tables to findings: a function of (ratings, rankings, plan), whose seed it holds. The number of threads changes
/// nothing.
public struct Analysis: Sendable {
  public let plan: AnalysisPlan
  public let study: RatedStudy
  public let rankings: [Ranking]
  private let table: RatingTable
  public var inputs = Findings.Inputs()
  /// How the tables were read, to be told among the remarks.
  public var notes = TableNotes()
  /// Resamples to use instead of new ones.
  public var replay: ResampleDraws?

  /// - Parameter pooling: how the study pooled its candidates, where its export says so.
  /// - Throws: `Problem` or `Problems` that name the place and the mend.
  public init(ratings: RatingTable, rankings: [Ranking], plan: AnalysisPlan, pooling: Pooling.Rule? = nil) throws {
    self.plan = plan
    self.rankings = rankings
    table = ratings
    study = try RatedStudy(ratings, rankings: rankings, plan: plan, recorded: pooling)
    inputs.ratings = .init(name: ratings.file, rows: ratings.count + ratings.missing)
    inputs.studyVersions = ratings.studyVersions.all
    inputs.listeners = Set(ratings.participants.all)
    inputs.planHash = ContentHash.of(AnalysisPlan.text)
  }

  /// The tables of an analysis.
  public struct Tables: Sendable {
    /// nil where there are none but paired choices or triplets.
    public var ratings: URL?
    /// nil where there are none; then only the listeners can be told about.
    public var rankings: URL?
    /// Paired choices, and triplets.
    public var choices: URL?
    public var triplets: URL?
    /// Scores of systems, and comparisons of two of them as `ccr` is exported. Ratings that have a column `system` instead
    /// of candidates are scores too, where there are no rankings.
    public var scores: URL?
    public var comparisons: URL?
    /// What X was taken for, as `abx` is exported.
    public var discriminations: URL?
    /// Orders, as `rank` is exported; how alike two sounds are (`pairwise`), which of three is odd, and groups (`sort`).
    public var orders: URL?
    public var pairs: URL?
    public var oddities: URL?
    public var sortings: URL?
    /// nil for the default plan.
    public var plan: URL?
    /// What the report is called; nil for the plan's title, the study's name, or else the first table and its folder.
    public var title: String?
    /// The study's block that is analysed, where there are several (`Analysis.blocks` takes them all).
    public var block: String?

    public init(
      ratings: URL? = nil, rankings: URL? = nil, choices: URL? = nil, triplets: URL? = nil, scores: URL? = nil,
      comparisons: URL? = nil, discriminations: URL? = nil, orders: URL? = nil, pairs: URL? = nil,
      oddities: URL? = nil, sortings: URL? = nil, plan: URL? = nil, block: String? = nil
    ) {
      (self.orders, self.pairs, self.oddities, self.sortings) = (orders, pairs, oddities, sortings)
      self.block = block
      (self.ratings, self.rankings) = (ratings, rankings)
      (self.choices, self.triplets, self.plan) = (choices, triplets, plan)
      (self.scores, self.comparisons, self.discriminations) = (scores, comparisons, discriminations)
    }

    /// Whether there is a table of answers beside ratings.
    public var isWithoutRatings: Bool {
      [choices, triplets, scores, comparisons, discriminations, orders, pairs, oddities, sortings].contains {
        $0 != nil
      }
    }
  }

  /// Reads everything and analyses it.
  /// - Parameters:
  ///   - version: of the tool, for the record.
  ///   - isQuick: with fewer resamples and permutations, and without models.
  /// - Throws: `Problem` or `Problems` that name the place and the mend.
  public static func read(
    _ given: Tables, version: String, replay: ResampleDraws? = nil, isQuick: Bool = false,
    progress: Progress = { _ in nil }
  ) throws -> Findings {
    var tables = given
    // Large tables take seconds.
    progress("reading")?(0, 1)
    var plan = try tables.plan.map { try AnalysisPlan.read($0) } ?? AnalysisPlan()
    if isQuick {
      (plan.resamples, plan.permutations) = (min(plan.resamples, 1000), 100)
      (plan.linearModels, plan.ordinalModels) = (.never, .never)
    }
    plan.block = tables.block
    try tables.keep(block: tables.block)
    if tables.scores == nil, tables.rankings == nil, let url = tables.ratings, ScoreTable.isOne(url, plan: plan) {
      (tables.scores, tables.ratings) = (url, nil)
    }
    let notes = TableNotes()
    let ranked = try tables.rankings.map { try Ranking.read($0, notes: notes) } ?? []
    var inputs = Findings.Inputs()
    inputs.version = version
    inputs.planHash = ContentHash.of(AnalysisPlan.text)
    func file(_ url: URL, _ rows: Int) throws -> Findings.Inputs.File {
      .init(name: url.relativePath, sha256: try ContentHash.ofFile(url), rows: rows)
    }
    inputs.rankings = try tables.rankings.map { try file($0, ranked.count) }
    if let url = tables.plan {
      inputs.planFile = url.relativePath
      inputs.planHash = try ContentHash.ofFile(url)
    }
    // All tables are read before anything is computed, so that what is wrong is told at once.
    let answers = try [(tables.choices, ChoiceTable.Kind.choices), (tables.triplets, .triplets)].compactMap {
      url, kind in
      try url.map { try ($0, ChoiceTable.read($0, kind, plan: plan, notes: notes)) }
    }
    for (url, table) in answers {
      let rows = table.answers.count + table.missing + table.aside
      if table.kind == .choices { inputs.choices = try file(url, rows) } else { inputs.triplets = try file(url, rows) }
      inputs.listeners.formUnion(table.listeners.all)
      inputs.simulated.formUnion(SimulatedListeners(beside: url).among(table.listeners.all))
    }
    func note(_ listeners: [String], of url: URL) {
      inputs.listeners.formUnion(listeners)
      inputs.simulated.formUnion(SimulatedListeners(beside: url).among(listeners))
    }
    let orders = try tables.orders.map { url in
      let table = try OrderTable.read(url, plan: plan, notes: notes)
      inputs.orders = try file(url, table.rows)
      note(table.listeners, of: url)
      return table
    }
    let likened = try LikenessTable.Kind.allCases.compactMap { kind -> LikenessTable? in
      let places: [LikenessTable.Kind: URL?] = [
        .pairs: tables.pairs, .oddities: tables.oddities, .sortings: tables.sortings,
      ]
      guard let url = places[kind] ?? nil else { return nil }
      let table = try LikenessTable.read(url, kind, plan: plan, notes: notes)
      switch kind {
      case .pairs: inputs.pairs = try file(url, table.rows)
      case .oddities: inputs.oddities = try file(url, table.rows)
      case .sortings: inputs.sortings = try file(url, table.rows)
      }
      note(table.listeners, of: url)
      return table
    }
    // What rankings are of is compared with them as ratings are; other orders compare what stands in them.
    let orderedForRankings = orders.flatMap { orders in
      tables.ratings == nil && !orders.isOfSystems && ranked.contains { orders.queries.contains($0.query) }
        ? orders : nil
    }
    let comparedOrders = orders.flatMap { orderedForRankings == nil && $0.recurs ? $0 : nil }
    var scored = try SystemScores(tables, orders: comparedOrders, plan: plan, notes: notes)
    try scored.note(in: &inputs)
    var discriminated: [DiscriminationTable] = []
    if let url = tables.discriminations {
      let table = try DiscriminationTable.read(url, plan: plan, notes: notes)
      inputs.discriminations = try file(url, table.rows)
      note(table.listeners.all, of: url)
      discriminated.append(table)
    }
    discriminated += likened.filter { !$0.triangles.isEmpty }.map {
      DiscriminationTable(.triangle, file: $0.file, $0.triangles)
    }
    let foreign = try tables.ratings.flatMap { try ForeignTable.plan(plan, for: $0) }
    let rated =
      try tables.ratings.map { try RatingTable.read($0, plan: foreign?.plan ?? plan, notes: notes) }
      ?? orderedForRankings?.ratings
    plan.look = plan.stoppingAtMost.map {
      RepeatedLook(inputs.listeners.union(rated?.participants.all ?? []).count, of: $0)
    }
    scored.plan.look = plan.look
    var findings: Findings
    if let table = rated, let url = tables.ratings ?? tables.orders {
      let look = plan.look
      var plan = foreign?.plan ?? plan
      plan.look = look
      var analysis = try Analysis(
        ratings: table, rankings: ranked, plan: plan,
        pooling: PoolingRecord(beside: url)?.rule(of: table.studyVersions.all))
      let own = analysis.inputs
      analysis.inputs = inputs
      analysis.inputs.studyVersions = own.studyVersions
      if tables.ratings != nil {
        analysis.inputs.ratings = own.ratings
        analysis.inputs.ratings?.sha256 = try ContentHash.ofFile(url)
      }
      analysis.inputs.listeners.formUnion(own.listeners)
      analysis.inputs.simulated.formUnion(SimulatedListeners(beside: url).among(table.participants.all))
      analysis.replay = replay
      analysis.notes = notes
      analysis.inputs.planWasFixedBefore = PlanRecord(beside: url)?.held(
        analysis.inputs.planHash, before: table.firstRatingAt)
      findings = try analysis.findings(progress: progress)
      findings.remarks += SamePeople(beside: url).remarks(among: table.participants.all)
      if let foreign { findings.remarks.append(foreign.remark) }
    } else {
      findings = Findings(plan: plan)
      findings.inputs = inputs
      let first = [
        tables.scores, tables.comparisons, tables.orders, tables.discriminations, tables.pairs, tables.oddities,
        tables.sortings, tables.choices, tables.triplets,
      ].compactMap(\.self).first
      findings.inputs.planWasFixedBefore = first.flatMap { PlanRecord(beside: $0) }?.held(
        inputs.planHash,
        before: ([scored.firstAt, orders?.firstAt] + discriminated.map(\.firstAt) + likened.map(\.firstAt)
          + answers.map(\.1.firstAt)).compactMap(\.self).min())
      findings.remarks = Integrity.sorted(Integrity.remarks(notes))
      let named =
        [scored.study, orders?.study] + discriminated.map(\.study) + likened.map(\.study) + answers.map(\.1.study)
      let study = named.compactMap(\.self).first ?? findings.inputs.tables[0].name
      findings.title = plan.title.isEmpty ? study : plan.title
    }
    let isRated = tables.ratings != nil || orderedForRankings != nil
    let tail = isRated ? findings.methods.popLast() : nil
    if let url = tables.ratings, let sample = findings.sample, !sample.study.systems.isEmpty {
      findings.add(ValuedAnswers(agreement: sample), plan: sample.plan, by: ListenerTraits(beside: url))
    }
    let others = answers.count + (isRated ? 1 : 0) + discriminated.count + likened.count
    try scored.add(to: &findings, beside: others, progress: progress)
    if let orders {
      let before = findings.answers.isEmpty
      OrderFindings(table: orders, plan: plan).add(to: &findings, progress: progress("orders"))
      if before { findings.headlines = min(1, findings.answers.count) }
    }
    for table in discriminated {
      let said = try DiscriminationFindings(table, plan: plan).add(to: &findings, progress: progress)
      if findings.answers.isEmpty { findings.headlines = said.claims.count }
      findings.answers += said.claims + said.rest
      findings.remarks = Integrity.sorted(
        findings.remarks + Integrity.versions(table.studyVersions, table.studyVersionRows, of: "discriminations"))
      if let url = table.test == .abx ? tables.discriminations : tables.oddities {
        findings.add(
          ValuedAnswers(shares: table.shares, type: table.test.rawValue), plan: plan, by: ListenerTraits(beside: url))
      }
    }
    for table in likened {
      let said = try LikenessFindings(table: table, plan: plan).add(to: &findings, rankings: ranked, progress: progress)
      if findings.answers.isEmpty { findings.headlines = said.claims.count }
      findings.answers += said.claims + said.rest
      findings.remarks = Integrity.sorted(
        findings.remarks + Integrity.versions(table.studyVersions, table.studyVersionRows, of: table.kind.rawValue))
    }
    for (_, table) in answers {
      findings.remarks = Integrity.sorted(
        findings.remarks + NameCheck(table, rankings: ranked).remarks
          + Integrity.versions(table.studyVersions, table.studyVersionRows, of: table.kind.rawValue))
      try ChoiceFindings(table, rankings: ranked, plan: plan).add(to: &findings, progress: progress)
      if table.kind == .choices, let url = tables.choices {
        findings.add(
          ValuedAnswers(shares: table.preferences, type: "choices"), plan: plan, by: ListenerTraits(beside: url))
      }
      guard table.kind == .triplets else { continue }
      var space = PerceptualSpace(plan: plan)
      space.add(table, rankings: ranked, progress: progress("map"))
      space.add(to: &findings)
    }
    if findings.answers.isEmpty {
      findings.answers = try answers.map { _, table in
        try ChoiceFindings(table, rankings: ranked, plan: plan).listenersOnly(findings["map_quality"])
      }
    }
    if findings.support["default"] == nil {
      findings.support["default"] =
        ["choices", "systems", "discriminations", "order_strengths", "likeness"].lazy.compactMap {
          findings.support[$0]
        }.first
    }
    if let title = tables.title?.trimmingCharacters(in: .whitespacesAndNewlines), !title.isEmpty {
      findings.title = title
    }
    let all = Tables.ofAnswers.map { tables[keyPath: $0] }
    findings.remarks = Integrity.sorted(
      findings.remarks + (StoppingRule(findings)?.remarks ?? [])
        + ExcludedSessions.remarks(beside: all.compactMap(\.self)))
    if !findings.remarks.contains(where: { $0.code == "groups_together" }),
      let remark = all.lazy.compactMap(\.self).compactMap({
        ListenerTraits(beside: $0).remark(among: findings.inputs.listeners)
      }).first
    {
      findings.remarks = Integrity.sorted(findings.remarks + [remark])
    }
    if let block = tables.block { findings.title += Self.ending(ofTitle: block) }
    if let rule = StoppingRule(findings) {
      findings.methods.append(rule.methods)
      findings.citations += StoppingRule.citations
    }
    findings.methods.append(tail ?? Methods.computing(findings))
    OrderEffects(tables, plan: plan).add(to: &findings)
    findings.mergeTables()
    return findings
  }

  /// Told what is being done, and how far it is.
  public typealias Progress = @Sendable (_ what: String) -> ProgressHandler?

  /// Everything that the plan asks for of these tables.
  /// - Throws: `Problem` where they do not carry it.
  public func findings(progress: Progress = { _ in nil }) throws -> Findings {
    var findings = Findings(title: plan.title.isEmpty ? table.file : plan.title, plan: plan)
    findings.inputs = inputs
    let screening = Screening(study, plan: plan)
    let excluded = screening.excluded(by: plan.screening.apply)
    let sample = try Sample(study, without: excluded, plan: plan).replaying(replay)
    guard !sample.pages.isEmpty else {
      throw Problem(
        "no page is left to analyse", at: Place(file: table.file),
        mend: excluded.isEmpty
          ? "All rows are training, catch or repeat trials."
          : "The screening rules leave out all \(excluded.count, "listener"); look at 'screening' in the plan.")
    }
    findings.sample = sample
    findings.support["default"] = [
      "n = \(sample.study.listeners.count, "listener"), \(sample.study.queries.count, "query"), \(sample.pages.count, "page")"
    ]
    findings.inputs.replayed = replay?.draws.count
    findings.remarks = Integrity.sorted(
      Integrity(study: study, rankings: rankings, plan: plan, table: table, sample: sample).remarks
        + Integrity.remarks(notes))
    if !study.systems.isEmpty { add(sample, to: &findings, progress) }
    findings.tables += RatingTables(sample: sample).tables(progress: progress("ratings"))
    findings.tables.append(ReliabilityTable(sample: sample, whole: study).table(progress: progress("reliability")))
    findings.tables.append(ReliabilityTable(sample: sample, whole: study).concordanceTable())
    findings.tables.append(ReliabilityTable(sample: sample, whole: study).variance())
    if !study.systems.isEmpty {
      let models = MixedModels(sample: sample).fitted(progress: progress("models"))
      findings.tables.append(models.table)
      findings.remarks += models.remarks
    }
    var space = PerceptualSpace(plan: plan)
    space.add(sample, rankings: rankings, progress: progress("map"))
    findings.tables += space.tables
    findings.remarks += space.remarks
    let ofSystems = try comparedSystems(&findings, progress)
    let listeners = ListenerTables(whole: study, plan: plan, screening: screening)
    findings.tables += [listeners.listeners, listeners.rules]
    if !study.systems.isEmpty { findings.tables.append(listeners.sensitivity(progress: progress("screening"))) }
    findings.tables.removeAll { $0.rows.isEmpty }
    if findings.answers.isEmpty,
      let alpha = findings["reliability"]?.rows(where: ["figure": "krippendorff_alpha_interval"]).first
    {
      let table = findings["reliability"], listeners = sample.study.listeners.count
      let who: Prose = "\(listeners, "listener")"
      let whole: Prose
      if let value = table?.number(alpha, "value") {
        let interval: Prose =
          if let low = table?.number(alpha, "low"), let high = table?.number(alpha, "high") {
            "\(plan.confidence * 100, digits: 0) % interval \(low) to \(high)"
          } else { "no interval: nothing to draw anew, or nothing varies" }
        whole = who + " agree with one another at a Krippendorff alpha of \(value) (" + interval + ")"
      } else {
        whole =
          "How well " + who + " agree with one another cannot be told: no two rated the same, or all ratings are equal"
      }
      findings.answers =
        ofSystems + [whole + (ofSystems.isEmpty ? "; there are no rankings to compare them with." : ".")]
    }
    let methods = Methods(findings: findings, sample: sample, screening: screening, whole: study)
    findings.methods = methods.paragraphs
    findings.methods.insert(contentsOf: space.methods, at: findings.methods.count - 1)
    findings.citations = methods.citations + (space.methods.isEmpty ? [] : PerceptualSpace.citations)
    return findings
  }

  /// What ratings without rankings tell of the candidates themselves, where these are systems: the table has a hidden
  /// reference, and each candidate stands under more than half of the items.
  private func comparedSystems(_ findings: inout Findings, _ progress: Progress) throws -> [Prose] {
    guard study.systems.isEmpty, study.items.contains(where: { $0.flags.contains { $0.contains(.reference) } }) else {
      return []
    }
    var items: [String: Int] = [:]
    for item in study.items { for candidate in item.candidates { items[candidate, default: 0] += 1 } }
    guard items.count > 1, items.values.allSatisfy({ 2 * $0 > study.items.count }) else { return [] }
    var own = plan
    own.candidates = .fixed
    let systems = try SystemFindings(study, kind: .init(), plan: own, file: table.file)
    let said = systems.add(to: &findings, isAlone: false, progress: progress)
    return said.claims + said.rest
  }

  /// Everything that is about systems.
  private func add(_ sample: Sample, to findings: inout Findings, _ progress: Progress) {
    let agreement = AgreementTables(sample, progress: progress("agreement"))
    let verdicts = agreement.verdicts
    let ceilings = CeilingTables(agreement: agreement)
    let chance = ceilings.chance(progress: progress("chance"))
    let comparison = ComparisonTables(agreement: agreement)
    let (ratingDifferences, ratedPairs) = comparison.ratingDifferences(progress: progress("rating differences"))
    let design = DesignTables(agreement: agreement)
    let precision = design.precision
    let (differences, found) = comparison.differences(progress: progress("differences"))
    var pairs = found
    pairs.rows += ratedPairs.rows
    let places = ReferencePlaces(study: study, rankings: rankings, baseline: plan.baseline)
    findings.remarks +=
      agreement.remarks + comparison.remarks(differences) + places.remarks
      + [verdicts.manyVerdicts("", plan: plan)].compactMap(\.self)
    findings.tables += [
      verdicts, ceilings.normalised(chance, progress: progress("ceilings")), agreement.agreement,
      PoolingTables(agreement: agreement).table(progress: progress("pooling")), agreement.ceilings, chance,
      differences, ratingDifferences, pairs, places.table,
      comparison.alternativeAnnotator(progress: progress("annotators")),
      agreement.referenceFound, design.items, design.coverage, precision,
    ]
    // The best system first and in full; the others in the plan's order.
    let group = sample.groups[0].name
    let rows = verdicts.rows(where: ["condition": group])
    let best = rows.max { verdicts.number($0, "model_human") ?? -2 < verdicts.number($1, "model_human") ?? -2 }
    guard let best else { return }
    let silence = Silence(agreement: agreement, rankings: rankings)
    findings.answers.append(verdicts.verdictSentence(best, metric: plan.metric, or: silence))
    if let sentence = ratingDifferences.preferenceSentence(
      of: verdicts.text(best, "system"), condition: group, plan: plan)
    {
      findings.answers.append(sentence)
      findings.headlines = 2
    }
    findings.answers += rows.filter { $0 != best }.map { verdicts.shortVerdict($0, or: silence) }
    if let advice = DesignTables.advice(
      precision, for: verdicts.text(best, "system"), confidence: plan.confidence)
    {
      findings.answers.append(advice)
    }
  }
}
