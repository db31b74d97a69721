import Ratings
import Reporting

extension Findings {
  /// The text of results.json, whose keys are documented in `docs/results.md`.
  public var json: String { jsonText.text() + "\n" }

  var jsonText: JSONText {
    func prose(_ list: [Prose]) -> JSONText {
      .array(
        list.map { sentence in
          .object([
            ("text", .string(sentence.text)),
            (
              "numbers",
              .array(
                sentence.pieces.compactMap { if case .number(let value, _) = $0 { .number(value) } else { nil } })
            ),
          ])
        })
    }
    func file(_ file: Inputs.File?, _ rows: String) -> JSONText {
      guard let file else { return .null }
      return .object([("file", .string(file.name)), ("sha256", .string(file.sha256)), (rows, .integer(file.rows))])
    }
    let files: [(String, JSONText)] = [
      ("ratings", file(inputs.ratings, "rows")), ("choices", file(inputs.choices, "rows")),
      ("scores", file(inputs.scores, "rows")), ("comparisons", file(inputs.comparisons, "rows")),
      ("discriminations", file(inputs.discriminations, "rows")), ("triplets", file(inputs.triplets, "rows")),
      ("orders", file(inputs.orders, "rows")), ("pairs", file(inputs.pairs, "rows")),
      ("oddities", file(inputs.oddities, "rows")), ("sortings", file(inputs.sortings, "rows")),
      ("rankings", file(inputs.rankings, "rankings")),
    ]
    let planned: [(String, JSONText)] = [
      ("file", inputs.planFile.map { .string($0) } ?? .null), ("sha256", .string(inputs.planHash)),
      ("fixed_before_first_rating", inputs.planWasFixedBefore.map { .bool($0) } ?? .null),
    ]
    let counts: [(String, JSONText)] = [
      ("listeners", .integer(inputs.listeners.count)), ("simulated_listeners", .integer(inputs.simulated.count)),
      ("study_versions", .array(inputs.studyVersions.map { .string($0) })),
      ("replayed_resamples", inputs.replayed.map { .integer($0) } ?? .null), ("plan", .object(planned)),
    ]
    let remarked: [JSONText] = remarks.map {
      .object([
        ("code", .string($0.code)), ("weight", .string($0.weight.rawValue)), ("what", .string($0.what.text)),
        ("meaning", .string($0.meaning)), ("count", .integer($0.count)),
      ])
    }
    let all: [(String, JSONText)] = [
      ("schema", .string("earshot-results/1")), ("title", .string(title)),
      ("notice", notice.map { .string($0.text) } ?? .null),
      ("figure_notes", .object(figureNotes.map { ($0.chart, .string($0.note)) })),
      ("tool", .object([("name", .string("earshot")), ("version", .string(inputs.version))])),
      ("inputs", .object(files + counts)), ("plan", plan.json), ("answers", prose(answers)),
      ("remarks", .array(remarked)), ("methods", prose(methods)),
      ("citations", .array(citations.map { .string($0) })), ("tables", .object(tables.map { ($0.name, $0.json) })),
    ]
    return .object(all)
  }
}

extension AnalysisPlan {
  /// Every setting of the analysis, including defaults.
  var json: JSONText {
    func texts(_ list: [String]) -> JSONText { .array(list.map { .string($0) }) }
    let settings: [(String, JSONText)] = [
      ("metric", .string(metric.rawValue)), ("systems", texts(systems)),
      ("baseline", baseline.map { .string($0) } ?? .null), ("conditions", texts(conditions)),
      ("top_k", .integer(topK)), ("similar_from", .number(similarFrom)), ("tie_band", .number(tieBand)),
      ("min_candidates", .integer(minimumCandidates)), ("unranked", .string(unranked.rawValue)),
      ("reference_in_agreement", .string(includeReference ? "include" : "exclude")),
      ("scale", scale.map { .array([.number($0.lowerBound), .number($0.upperBound)]) } ?? .null),
      ("margin", .number(margin)),
      ("score_margins", .object(scoreMargins.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value)) })),
      ("alpha", .number(alpha)),
      ("verdict_interval", .string(verdictInterval.rawValue)), ("confidence", .number(confidence)),
      ("goals", .object(goals.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value)) })),
      ("stopping_at_most", stoppingAtMost.map { .integer($0) } ?? .null),
      ("resamples", .integer(resamples)), ("interval", .string(interval.rawValue)), ("seed", .unsigned(seed)),
      ("permutations", .integer(permutations)), ("correction", .string(correction.rawValue)),
      ("linear_models", .string(linearModels.rawValue)), ("ordinal_models", .string(ordinalModels.rawValue)),
      ("candidates", .string(candidates.rawValue)),
      (
        "screening",
        .object([
          ("apply", texts(screening.apply.map(\.rawValue))),
          ("reference_below", .number(screening.referenceBelow)),
          ("reference_share", .number(screening.referenceShare)),
          ("anchor_above", .number(screening.anchorAbove)), ("anchor_share", .number(screening.anchorShare)),
          ("catches_failed", .number(screening.catchesFailed)), ("repeats_below", .number(screening.repeatsBelow)),
          ("seconds_per_rating", .number(screening.secondsPerRating)), ("fast_share", .number(screening.fastShare)),
          ("straight_share", .number(screening.straightShare)), ("outlier_mads", .number(screening.outlierMADs)),
          ("subject_mads", .number(screening.subjectMADs)),
        ])
      ),
    ]
    return .object(settings)
  }
}
