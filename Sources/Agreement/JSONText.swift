import Foundation

/// A JSON value with its keys in the order they were written, so that results.json reads like the report and two runs
/// give the same bytes. Numbers are the shortest that read back as the same.
enum JSONText {
  case string(String), number(Double), integer(Int), unsigned(UInt64), bool(Bool), null
  case array([JSONText])
  case object([(String, JSONText)])

  /// - Parameter indent: nil for one line.
  func text(indent: Int? = 0) -> String {
    var out = ""
    write(to: &out, indent: indent)
    return out
  }

  private func write(to out: inout String, indent: Int?) {
    switch self {
    case .string(let text): Self.quote(text, to: &out)
    case .number(let value):
      out +=
        !value.isFinite ? "null" : value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    case .integer(let value): out += String(value)
    case .unsigned(let value): out += String(value)
    case .bool(let value): out += value ? "true" : "false"
    case .null: out += "null"
    case .array(let items):
      Self.list("[", "]", items.count, to: &out, indent: items.allSatisfy(\.isPlain) ? nil : indent) { i, out, indent in
        items[i].write(to: &out, indent: indent)
      }
    case .object(let pairs):
      let inner = pairs.count <= 30 && pairs.allSatisfy { $0.1.isPlain } && (indent ?? 0) > 2 ? nil : indent
      Self.list("{", "}", pairs.count, to: &out, indent: inner) { i, out, indent in
        Self.quote(pairs[i].0, to: &out)
        out += indent == nil ? ":" : ": "
        pairs[i].1.write(to: &out, indent: indent)
      }
    }
  }

  private var isPlain: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  private static func list(
    _ open: String, _ close: String, _ count: Int, to out: inout String, indent: Int?,
    _ item: (Int, inout String, Int?) -> Void
  ) {
    out += open
    for i in 0..<count {
      if i > 0 { out += indent == nil ? ", " : "," }
      if let indent { out += "\n" + String(repeating: "  ", count: indent + 1) }
      item(i, &out, indent.map { $0 + 1 })
    }
    if let indent, count > 0 { out += "\n" + String(repeating: "  ", count: indent) }
    out += close
  }

  /// `<`, `>` and `&` are escaped too, so that the text may stand inside an HTML script element.
  private static func quote(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "<", ">", "&", "\u{2028}", "\u{2029}", "\u{0}"..<"\u{20}":
        out += "\\u" + String(scalar.value + 0x10000, radix: 16).dropFirst()
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}

extension Cell {
  var json: JSONText {
    switch self {
    case .text(let text): .string(text)
    case .number(let value): .number(value)
    case .count(let value): .integer(value)
    case .flag(let value): .bool(value)
    case .missing: .null
    }
  }
}

extension Findings {
  /// results.json, whose keys `docs/results.md` documents.
  public var json: String { jsonText.text() + "\n" }

  /// The same on one line, for the report's charts.
  var compactJSON: String { jsonText.text(indent: nil) }

  private var jsonText: JSONText {
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
    return .object([
      ("schema", .string("earshot-results/1")),
      ("title", .string(title)),
      ("tool", .object([("name", .string("earshot")), ("version", .string(inputs.version))])),
      (
        "inputs",
        .object([
          ("ratings", file(inputs.ratings, "rows")), ("choices", file(inputs.choices, "rows")),
          ("triplets", file(inputs.triplets, "rows")), ("rankings", file(inputs.rankings, "rankings")),
          ("study_versions", .array(inputs.studyVersions.map { .string($0) })),
          ("replayed_resamples", inputs.replayed.map { .integer($0) } ?? .null),
          (
            "plan",
            .object([
              ("file", inputs.planFile.map { .string($0) } ?? .null), ("sha256", .string(inputs.planHash)),
              ("fixed_before_first_rating", inputs.planWasFixedBefore.map { .bool($0) } ?? .null),
            ])
          ),
        ])
      ),
      ("plan", plan.json),
      ("answers", prose(answers)),
      (
        "remarks",
        .array(
          remarks.map {
            .object([
              ("code", .string($0.code)), ("weight", .string($0.weight.rawValue)), ("what", .string($0.what.text)),
              ("meaning", .string($0.meaning)), ("count", .integer($0.count)),
            ])
          })
      ),
      ("methods", prose(methods)),
      ("citations", .array(citations.map { .string($0) })),
      (
        "tables",
        .object(
          tables.map { table in
            (
              table.name,
              .object([
                ("title", .string(table.title)),
                (
                  "rows",
                  .array(
                    table.rows.map { row in .object(zip(table.columns, row).map { ($0.key, $1.json) }) })
                ),
              ])
            )
          })
      ),
    ])
  }
}

extension AnalysisPlan {
  /// Every decision that the analysis was made with, those left to the defaults too.
  var json: JSONText {
    func texts(_ list: [String]) -> JSONText { .array(list.map { .string($0) }) }
    return .object([
      ("metric", .string(metric.rawValue)), ("systems", texts(systems)),
      ("baseline", baseline.map { .string($0) } ?? .null), ("conditions", texts(conditions)),
      ("top_k", .integer(topK)), ("similar_from", .number(similarFrom)), ("tie_band", .number(tieBand)),
      ("min_candidates", .integer(minimumCandidates)), ("unranked", .string(unranked.rawValue)),
      ("reference_in_agreement", .string(includeReference ? "include" : "exclude")),
      ("scale", scale.map { .array([.number($0.lowerBound), .number($0.upperBound)]) } ?? .null),
      ("margin", .number(margin)), ("alpha", .number(alpha)),
      ("verdict_interval", .string(verdictInterval.rawValue)), ("confidence", .number(confidence)),
      ("resamples", .integer(resamples)), ("interval", .string(interval.rawValue)), ("seed", .unsigned(seed)),
      ("permutations", .integer(permutations)), ("correction", .string(correction.rawValue)),
      ("linear_models", .string(linearModels.rawValue)), ("ordinal_models", .string(ordinalModels.rawValue)),
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
    ])
  }
}
