import Basics
import Foundation
import Ratings
import Reporting
import Statistics
import Study

/// The tables of an analysis. All are read before anything is computed, so that every problem is reported at once.
struct ReadTables {
  private let urls: AnalysisTables
  private let plan: AnalysisPlan
  private let notes = TableNotes()
  private let inputs: Findings.Inputs
  private let rankings: [Ranking]
  private let choices: [ChoiceTable]
  private let orders: OrderTable?
  private let likenesses: [LikenessTable]
  private let scores: SystemScores
  private let discriminations: [DiscriminationTable]
  private let rated: Rated?

  /// What is analysed as ratings of the rankings' candidates.
  private struct Rated {
    var table: RatingTable
    var url: URL
    /// If another program wrote the table: the plan adapted to it, and a remark on how it was read.
    var foreign: (plan: AnalysisPlan, remark: Remark)?
  }

  /// - Throws: a `Problem` or `Problems` with the place and the fix.
  init(_ tables: AnalysisTables, version: String, isQuick: Bool) throws {
    var urls = tables
    var plan = try tables.plan.map { try AnalysisPlan.read($0) } ?? AnalysisPlan()
    if isQuick {
      (plan.resamples, plan.permutations) = (min(plan.resamples, 1000), 100)
      (plan.linearModels, plan.ordinalModels) = (.never, .never)
    }
    plan.block = urls.block
    try urls.keep(block: urls.block)
    if urls.scores == nil, urls.rankings == nil, let url = urls.ratings, ScoreTable.isOne(url, plan: plan) {
      (urls.scores, urls.ratings) = (url, nil)
    }
    rankings = try urls.rankings.map { [notes] in try Ranking.read($0, notes: notes) } ?? []
    var inputs = Findings.Inputs()
    inputs.version = version
    inputs.planHash = try urls.plan.map { try ContentHash.ofFile($0) } ?? ContentHash.of(AnalysisPlan.text)
    inputs.planFile = urls.plan?.relativePath
    inputs.rankings = try urls.rankings.map { [rankings] in try .init($0, rows: rankings.count) }

    let asked = plan, notes = notes
    choices = try [
      inputs.read(urls.choices, as: \.choices) { try ChoiceTable.read($0, .choices, plan: asked, notes: notes) },
      inputs.read(urls.triplets, as: \.triplets) { try ChoiceTable.read($0, .triplets, plan: asked, notes: notes) },
    ].compactMap(\.self)
    let orders = try inputs.read(urls.orders, as: \.orders) { try OrderTable.read($0, plan: asked, notes: notes) }
    let likenesses = try [
      inputs.read(urls.pairs, as: \.pairs) { try LikenessTable.read($0, .pairs, plan: asked, notes: notes) },
      inputs.read(urls.oddities, as: \.oddities) { try LikenessTable.read($0, .oddities, plan: asked, notes: notes) },
      inputs.read(urls.sortings, as: \.sortings) { try LikenessTable.read($0, .sortings, plan: asked, notes: notes) },
    ].compactMap(\.self)
    // Orders of what the rankings rank are compared with the rankings, as ratings are. Other orders compare the sounds
    // in them.
    let isRanked = rankings.contains { orders?.queries.contains($0.query) == true }
    let ofRankings = urls.ratings == nil && isRanked ? orders.flatMap { $0.isOfSystems ? nil : $0 } : nil
    let compared = ofRankings == nil ? orders.flatMap { $0.recurs ? $0 : nil } : nil
    var scores = try SystemScores(urls, orders: compared, plan: plan, notes: notes)
    try scores.note(in: &inputs)
    let discriminated = try inputs.read(urls.discriminations, as: \.discriminations) {
      try DiscriminationTable.read($0, plan: asked, notes: notes)
    }
    var rated: Rated?
    if let url = urls.ratings {
      let foreign = try ForeignTable.plan(plan, for: url)
      rated = Rated(
        table: try RatingTable.read(url, plan: foreign?.plan ?? plan, notes: notes), url: url, foreign: foreign)
    } else if let ofRankings, let url = urls.orders {
      rated = Rated(table: ofRankings.ratings, url: url)
    }
    let look = plan.stoppingAtMost.map {
      RepeatedLook(inputs.listeners.union(rated?.table.participants.all ?? []).count, of: $0)
    }
    (plan.look, scores.plan.look) = (look, look)
    rated?.foreign?.plan.look = look
    (self.urls, self.plan, self.inputs, self.scores, self.rated) = (urls, plan, inputs, scores, rated)
    (self.orders, self.likenesses) = (orders, likenesses)
    let triangles = likenesses.filter { !$0.triangles.isEmpty }
    discriminations =
      [discriminated].compactMap(\.self)
      + triangles.map { DiscriminationTable(.triangle, file: $0.file, $0.triangles) }
  }
}

/// The findings of each kind of table, one after the other.
extension ReadTables {
  /// - Throws: a `Problem` if a table lacks what the plan asks for.
  func findings(replaying replay: ResampleDraws?, progress: NamedProgress) throws -> Findings {
    var findings = try rated.map { try self.findings(of: $0, replay, progress) } ?? unrated
    findings.inputs.note(versions: answered.flatMap(\.studyVersions.all))
    // How everything was computed comes last.
    let computing = rated == nil ? nil : findings.methods.popLast()
    if let url = urls.ratings, let sample = findings.sample, !sample.study.systems.isEmpty {
      findings.add(ValuedAnswers(agreement: sample), plan: sample.plan, by: ListenerTraits(beside: url))
    }
    let others = choices.count + (rated == nil ? 0 : 1) + discriminations.count + likenesses.count
    try scores.add(to: &findings, beside: others, progress: progress)
    if let orders {
      let isFirst = findings.answers.isEmpty
      OrderFindings(table: orders, plan: plan).add(to: &findings, progress: progress("orders"))
      findings.add(orders.checks.remarks(of: orders.name, plan: plan, isScored: true))
      if isFirst { findings.headlines = min(1, findings.answers.count) }
    }
    for table in discriminations {
      findings.say(try DiscriminationFindings(table, plan: plan).add(to: &findings, progress: progress))
      findings.add(table.remarks(plan))
      if let url = table.test == .abx ? urls.discriminations : urls.oddities {
        findings.add(
          ValuedAnswers(shares: table.shares, type: table.test.rawValue), plan: plan, by: ListenerTraits(beside: url))
      }
    }
    for table in likenesses {
      findings.say(
        try LikenessFindings(table: table, plan: plan).add(to: &findings, rankings: rankings, progress: progress))
      findings.add(table.remarks(plan))
    }
    try addChoices(to: &findings, progress)
    try addWhole(to: &findings)
    findings.methods.append(computing ?? Methods.computing(findings))
    OrderEffects(urls, plan: plan).add(to: &findings)
    findings.mergeTables()
    return findings
  }

  private func findings(of rated: Rated, _ replay: ResampleDraws?, _ progress: NamedProgress) throws -> Findings {
    let people = rated.table.participants.all
    var analysis = try Analysis(
      ratings: rated.table, rankings: rankings, plan: rated.foreign?.plan ?? plan,
      pooling: PoolingRecord(beside: rated.url)?.rule(of: rated.table.studyVersions.all))
    let own = analysis.inputs
    analysis.inputs = inputs
    analysis.inputs.studyVersions = own.studyVersions
    analysis.inputs.note(versions: inputs.studyVersions)
    if urls.ratings != nil {
      analysis.inputs.ratings = own.ratings
      analysis.inputs.ratings?.sha256 = try ContentHash.ofFile(rated.url)
    }
    analysis.inputs.note(people, of: rated.url)
    analysis.inputs.planWasFixedBefore = PlanRecord(beside: rated.url)?.held(
      inputs.planHash, before: rated.table.firstRatingAt)
    analysis.replay = replay
    analysis.notes = notes
    var findings = try analysis.findings(progress: progress)
    findings.remarks += SamePeople(beside: rated.url).remarks(among: people)
    if let foreign = rated.foreign { findings.remarks.append(foreign.remark) }
    return findings
  }

  /// The tables of answers that are neither ratings nor scores.
  private var answered: [any AnswerTable] { [orders].compactMap(\.self) + discriminations + likenesses + choices }

  /// The findings to start from if nothing was rated.
  private var unrated: Findings {
    var findings = Findings(plan: plan)
    findings.inputs = inputs
    let first = [
      urls.scores, urls.comparisons, urls.orders, urls.discriminations, urls.pairs, urls.oddities, urls.sortings,
      urls.choices, urls.triplets,
    ].compactMap(\.self).first
    findings.inputs.planWasFixedBefore = first.flatMap { PlanRecord(beside: $0) }?.held(
      inputs.planHash, before: ([scores.firstAt] + answered.map(\.firstAt)).compactMap(\.self).min())
    findings.remarks = Integrity.sorted(Integrity.remarks(notes))
    let study = ([scores.study] + answered.map(\.study)).compactMap(\.self).first ?? inputs.tables[0].name
    findings.title = plan.title.isEmpty ? study : plan.title
    return findings
  }

  private func addChoices(to findings: inout Findings, _ progress: NamedProgress) throws {
    for table in choices {
      findings.add(NameCheck(table, rankings: rankings).remarks + table.remarks(plan))
      try ChoiceFindings(table, rankings: rankings, plan: plan).add(to: &findings, progress: progress)
      switch table.kind {
      case .choices:
        guard let url = urls.choices else { continue }
        findings.add(
          ValuedAnswers(shares: table.preferences, type: "choices"), plan: plan, by: ListenerTraits(beside: url))
      case .triplets:
        var space = PerceptualSpace(plan: plan)
        space.add(table, rankings: rankings, progress: progress("map"))
        space.add(to: &findings)
      }
    }
    if findings.answers.isEmpty {
      findings.answers = try choices.map {
        try ChoiceFindings($0, rankings: rankings, plan: plan).listenersOnly(findings["map_quality"])
      }
    }
  }

  /// Adds what concerns all tables together: the support of the figures, the title, the listeners, and the stopping
  /// rule.
  private func addWhole(to findings: inout Findings) throws {
    let support = findings.support,
      kinds = ["default", "choices", "systems", "discriminations", "order_strengths", "likeness"]
    findings.support["default"] = kinds.lazy.compactMap { support[$0] }.first
    if let title = urls.title?.trimmingCharacters(in: .whitespacesAndNewlines), !title.isEmpty {
      findings.title = title
    }
    if let block = urls.block { findings.title += Analysis.ending(ofTitle: block) }
    let all = AnalysisTables.ofAnswers.compactMap { urls[keyPath: $0] }, rule = StoppingRule(findings)
    let listeners = findings.inputs.listeners
    findings.add((rule?.remarks ?? []) + (try ExcludedSessions.remarks(beside: all)))
    if !findings.remarks.contains(where: { $0.code == "groups_together" }),
      let remark = all.lazy.compactMap({ ListenerTraits(beside: $0).remark(among: listeners) }).first
    {
      findings.add([remark])
    }
    if let rule {
      findings.methods.append(rule.methods)
      findings.citations += StoppingRule.citations
    }
  }
}

extension Findings {
  /// Adds answers in words. The claims of the first call are the headlines.
  mutating func say(_ said: (claims: [Prose], rest: [Prose])) {
    if answers.isEmpty { headlines = said.claims.count }
    answers += said.claims + said.rest
  }

  /// Adds remarks, sorted in among the others by weight.
  mutating func add(_ remarks: [Remark]) { self.remarks = Integrity.sorted(self.remarks + remarks) }
}

extension Findings.Inputs {
  /// Reads a table of answers, if there is one, and notes its file and who answered.
  mutating func read<Table: AnswerTable>(
    _ url: URL?, as place: WritableKeyPath<Self, File?>, by reading: (URL) throws -> Table
  ) throws -> Table? {
    guard let url else { return nil }
    let table = try reading(url)
    self[keyPath: place] = try File(url, rows: table.rows)
    note(table.people, of: url)
    return table
  }

  /// Notes who answered in a table.
  mutating func note(_ people: [String], of url: URL) {
    listeners.formUnion(people)
    simulated.formUnion(SimulatedListeners(beside: url).among(people))
  }
}

extension Findings.Inputs.File {
  /// - Throws: an error if the file cannot be read.
  init(_ url: URL, rows: Int) throws {
    self.init(name: url.relativePath, sha256: try ContentHash.ofFile(url), rows: rows)
  }
}
