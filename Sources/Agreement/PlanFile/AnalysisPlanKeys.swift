import Basics
import Keys
import Ratings
import Study
import Yams

/// The keys of `analysis.yaml`, by topic. The file is read, printed and documented from this one table.
enum PlanKeys {
  typealias Key = KeyReader<AnalysisPlan>

  static var all: [Key] { parts.flatMap(\.keys) }

  static let parts: [(heading: String, keys: [Key])] = [
    ("", [.words("title", \.title, "The title of the report. Empty: the name of the ratings table.", "title: Drums")]),
    ("the table", table), ("the question", question), ("the claim", claim), ("the listeners", listeners),
    ("the numbers", numbers),
  ]

  private static let table: [Key] = [
    .columns(
      "columns", \.columns,
      "For tables from elsewhere: Earshot's column names and the table's, as in {participant: subject, query: item}. wide: [a, b] means that columns a and b hold the ratings of candidates a and b.",
      "columns: {participant: subject, wide: [a, b]}"),
    .ends(
      "scale", \.scale,
      "[lowest, highest]. Empty: scale_min and scale_max of the table, or else the range of the ratings.",
      "scale: [1, 7]"),
    .oneOrMore(
      "reference", \.reference,
      "Candidates that are the hidden reference, beside those that a column is_reference marks.",
      "reference: ref"),
    .oneOrMore(
      "anchor", \.anchor, "Candidates that are the low anchor, beside those that a column is_anchor marks.",
      "anchor: [lp35, lp70]"),
  ]

  private static let question: [Key] = [
    .choice(
      "metric", \.metric, of: AnalysisPlan.Metric.symmetric,
      "The primary figure, used for the verdict and the first plot: spearman, kendall_tau_b, kendall_tau_a or rho_a.",
      "metric: kendall_tau_b"),
    .oneOrMore(
      "systems", \.systems, "The systems to judge, in this order. Empty: all in the rankings.",
      "systems: [mymodel, mfcc]"),
    .optionalName(
      "baseline", \.baseline,
      "The system that the others are compared with. Empty, or not in the rankings: every pair is compared.",
      "baseline: mfcc"),
    .oneOrMore(
      "conditions", \.conditions, "As in [kick, snare, hihat]. Empty: all in the ratings.", "conditions: [kick, snare]"),
    .optionalInteger(
      "top_k", \.statedTopK, 1...1000, or: "auto",
      "How many of a system's first ranks count for the mean rating, precision, NDCG and hits. auto: 5, or fewer if pages are only sure to show fewer of each system.",
      "top_k: 3"),
    .number(
      "similar_from", \.similarFrom, 0...1,
      "Share of the scale: a candidate rated this high counts as similar (precision).", "similar_from: 0.5"),
    .number(
      "tie_band", \.tieBand, 0...1,
      "Share of the scale: pairs of ratings closer than this are ignored (pair accuracy).",
      "tie_band: 0.1"),
    .integer(
      "min_candidates", \.minimumCandidates, 2...1000,
      "Pages on which a system ranks fewer candidates are omitted, and counted.", "min_candidates: 4"),
    .choice(
      "unranked", \.unranked,
      "Rated candidates that a system did not rank: drop them, or last (they share the last place).", "unranked: last"),
    .pooling(
      "pooling", \.pooling,
      "How candidates were selected for the pages: auto (from the export, or else inferred from the ranks on the pages), none (not by these rankings), or as in {top_k: 3, random_fillers: 4}, with systems and max_per_trial if study.yaml had them. Comparisons confounded by the selection are omitted.",
      "pooling: {top_k: 3, random_fillers: 4}"),
    .take(
      "reference_in_agreement", \.includeReference,
      "exclude: the hidden reference and the anchor only serve to check listeners. include: they also count in agreement.",
      "reference_in_agreement: include"),
    .choice(
      "candidates", \.candidates,
      "auto: candidates are treated as a sample too, if most of them recur from query to query. fixed: the same name means another sound in another query, or the findings are meant for these candidates only.",
      "candidates: fixed"),
  ]

  private static let claim: [Key] = [
    .section(
      "verdict", \.self,
      "When a system counts as agreeing with listeners as well as they agree with one another, and when two systems count as equally good.",
      verdict)
  ]

  private static let verdict: [Key] = [
    .number(
      "margin", \.margin, 0.001...2,
      "System–listener agreement that differs from listener–listener agreement by less than this is \"comparable\".",
      "margin: 0.15"),
    .margins(
      "score_margin", \.scoreMargins,
      "Mean scores of systems that differ by less than this count as equal, in points: 5, or {mushra: 5, acr: 0.3}, by trial type or scale. A system is then better, equivalent or worse, or the verdict is inconclusive.",
      "score_margin: {mushra: 5, acr: 0.3}"),
    .number(
      "alpha", \.alpha, 0.0001...0.5, "Error rate of each of the two one-sided tests (TOST).", "alpha: 0.025"),
    .choice(
      "method", \.verdictInterval,
      "The interval used for verdicts; see intervals.method. expanded_bca makes fewer false claims of \"comparable\", but misses two of three comparable systems where data are sparse.",
      "method: expanded_bca"),
  ]

  private static let listeners: [Key] = [
    .section(
      "screening", \.screening,
      "Rules that exclude listeners, with their limits. No rule uses a system's ranking.",
      screening)
  ]

  private static let screening: [KeyReader<AnalysisPlan.ScreeningRules>] = [
    .rules(
      "apply", \.apply,
      "Rules applied to the main figures; the report shows the effect of every rule. Answers that are no ratings or scores (abx, ab, triplets, sort …) know only catches.",
      "apply: [catches, reference]"),
    .section(
      "reference", \.self,
      "The hidden reference rated below this share of the scale, in more than this share of items.",
      [
        .number("below", \.referenceBelow, 0...1, "Share of the scale.", "below: 0.8"),
        .number("share", \.referenceShare, 0...1, "Share of items.", "share: 0.2"),
      ]),
    .section(
      "anchor", \.self, "The anchor rated above this share of the scale, in more than this share of items.",
      [
        .number("above", \.anchorAbove, 0...1, "Share of the scale.", "above: 0.8"),
        .number("share", \.anchorShare, 0...1, "Share of items.", "share: 0.2"),
      ]),
    .section(
      "catches", \.self, "More than this share of the attention checks failed.",
      [.number("failed", \.catchesFailed, 0...1, "Share of the attention checks.", "failed: 0.25")]),
    .section(
      "repeats", \.self, "Mean Spearman correlation between first and repeated ratings below this.",
      [.number("below", \.repeatsBelow, -1...1, "The correlation.", "below: 0.4")]),
    .section(
      "speed", \.self, "More than this share of pages answered faster than this.",
      [
        .number(
          "seconds_per_rating", \.secondsPerRating, 0...3600, unit: " s", "Time per rating.", "seconds_per_rating: 2"),
        .number("share", \.fastShare, 0...1, "Share of pages.", "share: 0.5"),
      ]),
    .section(
      "straight", \.self, "More than this share of pages on which all ratings are equal.",
      [.number("share", \.straightShare, 0...1, "Share of pages.", "share: 0.8")]),
    .section(
      "outlier", \.self,
      "Leave-one-out agreement this many median absolute deviations (times 1.4826, as standard deviations are) below the median.",
      [.number("mads", \.outlierMADs, 0...100, "Median absolute deviations.", "mads: 3")]),
    .section(
      "subject", \.self,
      "Bias this many median absolute deviations (times 1.4826) from the median, or the logarithm of inconsistency as far above it (model of ITU-T P.913).",
      [.number("mads", \.subjectMADs, 0...100, "Median absolute deviations.", "mads: 3")]),
  ]

  private static let numbers: [Key] = [
    .section("intervals", \.self, "How the uncertainty of the figures is estimated.", intervals),
    .section(
      "stopping", \.self,
      "As in {listeners: 48}: the study ends at that number, or earlier, as soon as every verdict is decided. You may look at any time; intervals and verdicts keep their error rates (docs/results.md).",
      [
        .optionalInteger(
          "listeners", \.stoppingAtMost, Verdict.leastListeners...1_000_000, or: "none", "At most this many listeners.",
          "listeners: 48")
      ]
    ).briefly("stopping: {listeners: 48}"),
    .integer(
      "permutations", \.permutations, 100...1_000_000,
      "Permutations of candidates within queries, for the agreement expected by chance.", "permutations: 5000"),
    .choice(
      "correction", \.correction, "How p-values are corrected for multiple comparisons: holm, hochberg, bh or by.",
      "correction: bh"),
    .section(
      "models", \.self, "Mixed models of ratings by distance, with listeners and queries as random effects.", models),
  ]

  private static let intervals: [Key] = [
    .number("confidence", \.confidence, 0.5...0.9999, "Confidence level of intervals.", "confidence: 0.9"),
    .integer(
      "resamples", \.resamples, 100...1_000_000, "Crossed resamples of listeners and queries.", "resamples: 2000"),
    .choice(
      "method", \.interval, "dual (coverage closest to nominal), percentile, bca or expanded_bca.", "method: bca"),
    .seed("seed", \.seed, "Determines all resamples and permutations.", "seed: 7"),
    .margins(
      "goal", \.goals,
      "Target half-width of intervals, as in 4 or {mushra: 4, agreement: 0.1}. earshot analyze --watch reports how close a running study is.",
      "goal: {mushra: 4, agreement: 0.1}"),
  ]

  private static let models: [Key] = [
    .choice(
      "linear", \.linearModels, of: [.auto, .never], "Linear mixed models: auto (where a system ranks), or never.",
      "linear: never"),
    .choice(
      "ordinal", \.ordinalModels,
      "Cumulative-link mixed models, which take longer: never, auto (at most 11 different ratings, 20000 in all), or always.",
      "ordinal: auto"),
  ]
}

private enum TakenIn: String, CaseIterable { case exclude, include }
private enum PoolingWord: String, CaseIterable { case auto, none }

/// Kinds of keys that only a plan has.
extension KeyReader {
  /// A key for a text, or nothing.
  static func words(_ name: String, _ path: Path<String>, _ meaning: String, _ example: String) -> Self {
    .init(
      name: name, type: "text", meaning: meaning, example: example,
      read: { node, full, reader, root in
        root[keyPath: path] = reader.isNothing(node) ? "" : reader.string(node, full, mend: "Write a text.") ?? ""
      }, show: { YAMLText.quoted($0[keyPath: path]) }, schema: { _, _ in nothing(or: KeySchema.scalar()) })
  }

  /// A key for a name as the tables have it, or nothing.
  static func optionalName(_ name: String, _ path: Path<String?>, _ meaning: String, _ example: String) -> Self {
    .init(
      name: name, type: "name, or nothing", meaning: meaning, example: example,
      read: { node, full, reader, root in
        let text = reader.isNothing(node) ? "" : reader.string(node, full, mend: "Write one name.") ?? ""
        root[keyPath: path] = text.isEmpty ? nil : Name.read(text)
      }, show: { $0[keyPath: path] ?? "" }, schema: { _, _ in nothing(or: KeySchema.scalar()) })
  }

  /// A key for one name or a list of names; nothing is an empty list.
  static func oneOrMore(_ name: String, _ path: Path<[String]>, _ meaning: String, _ example: String) -> Self {
    .init(
      name: name, type: "list of names, or one", meaning: meaning, example: example,
      read: { node, full, reader, root in root[keyPath: path] = reader.oneOrMore(node, full) },
      show: { "[\($0[keyPath: path].joined(separator: ", "))]" },
      schema: { _, _ in nothing(or: KeySchema.names, KeySchema.scalar()) })
  }

  /// A key for whether something is included: include, or exclude.
  static func take(_ name: String, _ path: Path<Bool>, _ meaning: String, _ example: String) -> Self {
    let words = TakenIn.allCases.map(\.rawValue)
    return .init(
      name: name, type: words.or, meaning: meaning, example: example,
      read: { node, full, reader, root in
        if let taken: TakenIn = reader.choice(node, full, of: words) { root[keyPath: path] = taken == .include }
      }, show: { ($0[keyPath: path] ? TakenIn.include : .exclude).rawValue }, schema: { _, _ in ["enum": words] })
  }

  /// A key for the two ends of a scale.
  static func ends(_ name: String, _ path: Path<ClosedRange<Double>?>, _ meaning: String, _ example: String) -> Self {
    let range = -1e12...1e12
    return .init(
      name: name, type: "list of two numbers, or empty", meaning: meaning, example: example,
      read: { node, full, reader, root in
        let ends = reader.items(node).enumerated().compactMap { i, end in
          reader.number(end, "\(full)[\(i)]", in: range, unit: "")
        }
        if ends.isEmpty { return }
        guard ends.count == 2, ends[0] < ends[1] else {
          return reader.fail(
            "'\(full)' is not two numbers, the lower first", at: reader.place(node), mend: "Write it as in: \(example)")
        }
        root[keyPath: path] = ends[0]...ends[1]
      },
      show: { root in
        root[keyPath: path].map { "[\($0.lowerBound.cellText), \($0.upperBound.cellText)]" } ?? "[]"
      },
      schema: { _, _ in
        nothing(or: ["type": "array", "items": KeySchema.number(range), "maxItems": 2])
      })
  }

  /// A key for one number, or one per trial type or scale.
  static func margins(_ name: String, _ path: Path<[String: Double]>, _ meaning: String, _ example: String) -> Self {
    let range = 1e-6...1e6
    return .init(
      name: name, type: "number, or map of numbers by trial type or scale", meaning: meaning, example: example,
      read: { node, full, reader, root in
        if reader.isNothing(node) { return }
        guard let mapping = node.mapping else {
          root[keyPath: path] = reader.number(node, full, in: range, unit: "").map { ["": $0] } ?? [:]
          return
        }
        for (key, value) in mapping {
          let what = key.string ?? ""
          if let number = reader.number(value, "\(full).\(what)", in: range, unit: "") {
            root[keyPath: path][Name.read(what)] = number
          }
        }
      },
      show: { root in
        let margins = root[keyPath: path].sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.cellText)" }
        return root[keyPath: path][""]?.cellText ?? "{\(margins.joined(separator: ", "))}"
      },
      schema: { _, _ in
        let number = KeySchema.number(range)
        return nothing(or: number, ["type": "object", "additionalProperties": number])
      })
  }

  /// A schema that also allows nothing.
  fileprivate static func nothing(or others: [String: Any]...) -> [String: Any] {
    ["anyOf": others + [["type": "null"]]]
  }
}

extension KeyReader<AnalysisPlan> {
  /// A key for the table's names of Earshot's columns.
  fileprivate static func columns(
    _ name: String, _ path: Path<AnalysisPlan.Columns>, _ meaning: String, _ example: String
  ) -> Self {
    let all = [
      RatingTable.columns, ChoiceTable.columns, ["wide", "system", "score"], DiscriminationTable.columns,
      OrderTable.columns, LikenessTable.columns, AnswerReader.columns,
    ]
    let known = all.joined().reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return .init(
      name: name, type: "map of our columns to the table's", meaning: meaning, example: example,
      read: { node, full, reader, root in
        if reader.isNothing(node) { return }
        guard let mapping = node.mapping else {
          return reader.fail("'\(full)' is not a map", at: reader.place(node), mend: "Write it as in: \(example)")
        }
        for (key, value) in mapping {
          let ours = key.string ?? ""
          if ours == "wide" {
            root[keyPath: path].wide = reader.oneOrMore(value, "\(full).wide")
          } else if !known.contains(ours) {
            reader.fail(
              "there is no column '\(ours)'", at: reader.place(key),
              mend: Suggestion.didYouMean(ours, among: known) ?? "Ours are \(known.joined(separator: ", ")).")
          } else if let theirs = reader.string(
            value, "\(full).\(ours)", mend: "Write the name of the column in the table.")
          {
            root[keyPath: path].names[ours] = Name.read(theirs)
          }
        }
      },
      show: { root in
        let columns = root[keyPath: path]
        let wide = columns.wide.isEmpty ? [] : ["wide: [\(columns.wide.joined(separator: ", "))]"]
        let names = columns.names.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return "{\((names + wide).joined(separator: ", "))}"
      },
      schema: { _, _ in
        var properties = Dictionary(uniqueKeysWithValues: known.map { ($0, KeySchema.scalar() as Any) })
        properties["wide"] = ["anyOf": [KeySchema.names, KeySchema.scalar()]]
        return nothing(or: ["type": "object", "additionalProperties": false, "properties": properties])
      })
  }

  /// A key for how candidates were selected for the pages.
  fileprivate static func pooling(
    _ name: String, _ path: Path<AnalysisPlan.PoolingRule>, _ meaning: String, _ example: String
  ) -> Self {
    let words = PoolingWord.allCases.map(\.rawValue)
    let keys: [KeyReader<PoolSettings>] = [
      .oneOrMore("systems", \.systems, "The systems whose candidates were selected; empty: all.", "systems: [mfcc]"),
      .integer("top_k", \.topK, 1...1000, "How many candidates of each system.", "top_k: 3"),
      .integer(
        "random_fillers", \.randomFillers, 0...1000, "How many candidates drawn at random.", "random_fillers: 4"),
      .optionalInteger(
        "max_per_trial", \.maxPerTrial, 2...1000, or: "none", "At most this many on a page.", "max_per_trial: 8"),
    ]
    return .init(
      name: name, type: "\(words.joined(separator: ", ")), or a section", meaning: meaning, example: example,
      read: { node, full, reader, root in
        guard let mapping = node.mapping else {
          if let word: PoolingWord = reader.choice(node, full, of: words) {
            root[keyPath: path] = word == .auto ? .auto : .none
          }
          return
        }
        var rule = PoolSettings()
        reader.section(node, path: full, keys: keys, into: &rule)
        if !mapping.contains(where: { $0.key.string == "top_k" }) {
          reader.fail(
            "'\(full)' does not say how many candidates of each system", at: reader.place(node),
            mend: "Add top_k, as in {top_k: 3}.")
        }
        root[keyPath: path] = .rule(rule)
      },
      show: { root in
        switch root[keyPath: path] {
        case .auto: PoolingWord.auto.rawValue
        case .none: PoolingWord.none.rawValue
        case .rule(let rule): "{\(keys.map { "\($0.name): \($0.show(rule))" }.joined(separator: ", "))}"
        }
      },
      schema: { _, types in
        var section = KeySchema.object(keys, PoolSettings(), types: types)
        section["required"] = ["top_k"]
        return ["anyOf": [["enum": words], section]]
      })
  }
}

extension KeyReader<AnalysisPlan.ScreeningRules> {
  /// A key for the rules that apply: one, or a list.
  fileprivate static func rules(
    _ name: String, _ path: Path<[AnalysisPlan.Rule]>, _ meaning: String, _ example: String
  ) -> Self {
    let words = AnalysisPlan.Rule.allCases.map(\.rawValue)
    return .init(
      name: name, type: "list of \(words.or)", meaning: meaning, example: example,
      read: { node, full, reader, root in
        root[keyPath: path] = reader.items(node).enumerated().compactMap { i, item in
          reader.choice(item, "\(full)[\(i)]", of: words)
        }
      },
      show: { root in "[\(root[keyPath: path].map(\.rawValue).joined(separator: ", "))]" },
      schema: { _, _ in nothing(or: ["type": "array", "items": ["enum": words]], ["enum": words]) })
  }
}

extension YAMLReader {
  fileprivate func isNothing(_ node: Node) -> Bool { node.scalar.map { isNull($0) } ?? false }

  /// The items of a list. A single value is a list of one; nothing is an empty list.
  fileprivate func items(_ node: Node) -> [Node] {
    if isNothing(node) { return [] }
    return node.sequence.map { Array($0) } ?? [node]
  }

  /// Names, trimmed and normalised like those in the tables.
  fileprivate mutating func oneOrMore(_ node: Node, _ path: String) -> [String] {
    items(node).enumerated().compactMap { i, item in
      string(item, "\(path)[\(i)]", mend: "Write a name.").map(Name.read)
    }
  }
}
