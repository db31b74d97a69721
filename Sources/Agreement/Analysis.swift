import Basics
import Foundation
import Ratings
import Reporting
import Statistics
import Study

/// Turns tables into findings. The result depends only on the ratings, the rankings and the plan, which holds the
/// random seed; the number of threads changes nothing.
public struct Analysis: Sendable {
  /// How the question is answered.
  public let plan: AnalysisPlan
  public let study: RatedStudy
  /// The systems' rankings of each page. Empty where answers are analysed without any.
  public let rankings: [Ranking]
  private let table: RatingTable
  /// What was read, for the findings.
  public var inputs = Findings.Inputs()
  /// How the tables were read; reported among the remarks.
  public var notes = TableNotes()
  /// Resamples to use instead of new ones.
  public var replay: ResampleDraws?

  /// - Parameter pooling: how the study pooled its candidates, if its export says so.
  /// - Throws: a `Problem` or `Problems` with the place and the fix.
  public init(ratings: RatingTable, rankings: [Ranking], plan: AnalysisPlan, pooling: PoolSettings? = nil) throws {
    self.rankings = rankings
    table = ratings
    study = try RatedStudy(ratings, rankings: rankings, plan: plan, recorded: pooling)
    var plan = plan
    plan.topK = study.firsts
    self.plan = plan
    inputs.ratings = .init(name: ratings.file, rows: ratings.count + ratings.missing)
    inputs.studyVersions = ratings.studyVersions.all
    inputs.listeners = Set(ratings.participants.all)
    inputs.planHash = ContentHash.of(AnalysisPlan.text)
  }

  /// Reads all tables and analyses them.
  /// - Parameters:
  ///   - version: the version of this program, for the record.
  ///   - isQuick: whether to use fewer resamples and permutations, and to fit no models.
  /// - Throws: a `Problem` or `Problems` with the place and the fix.
  public static func read(
    _ tables: AnalysisTables, version: String, replay: ResampleDraws? = nil, isQuick: Bool = false,
    progress: NamedProgress = { _ in nil }
  ) throws -> Findings {
    // Large tables take seconds.
    progress("reading")?(0, 1)
    return try ReadTables(tables, version: version, isQuick: isQuick).findings(replaying: replay, progress: progress)
  }

  /// Everything that the plan asks for, computed from these tables.
  /// - Throws: a `Problem` if the tables lack what that needs.
  public func findings(progress: NamedProgress = { _ in nil }) throws -> Findings {
    var findings = Findings(title: plan.title.isEmpty ? table.study ?? table.file : plan.title, plan: plan)
    findings.inputs = inputs
    let screening = Screening(study, plan: plan)
    let excluded = screening.excluded(by: plan.screening.apply)
    let sample = try Sample(study, without: excluded, plan: plan).replaying(replay)
    guard !sample.pages.isEmpty else {
      throw Problem(
        "no page is left to analyse", at: Place(file: table.file),
        mend: excluded.isEmpty
          ? "All rows are training trials, attention checks or repeats."
          : "The screening rules exclude all \(excluded.count, "listener"); check 'screening' in the plan.")
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
      let sentence = findings["reliability"]?.agreementSentence(
        of: sample.study.listeners.count, confidence: plan.confidence)
    {
      findings.answers =
        ofSystems + [sentence + (ofSystems.isEmpty ? "; there are no rankings to compare them with." : ".")]
    }
    let methods = Methods(findings: findings, sample: sample, screening: screening, whole: study)
    findings.methods = methods.paragraphs
    findings.methods.insert(contentsOf: space.methods, at: findings.methods.count - 1)
    findings.citations = methods.citations + (space.methods.isEmpty ? [] : PerceptualSpace.citations)
    return findings
  }

  /// What ratings without rankings say about the candidates, if these are systems: the table has a hidden reference,
  /// and each candidate occurs in more than half of the items.
  private func comparedSystems(_ findings: inout Findings, _ progress: NamedProgress) throws -> [Prose] {
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
    // Rankings are not needed to compare these systems.
    findings.remarks.removeAll { $0.code == "no_rankings" }
    return said.claims + said.rest
  }

  /// Adds every table, answer and remark that is about systems.
  private func add(_ sample: Sample, to findings: inout Findings, _ progress: NamedProgress) {
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
