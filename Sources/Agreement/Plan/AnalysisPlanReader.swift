import Basics
import Foundation
import Study
import Yams

extension AnalysisPlan {
  /// A study's own plan: `analysis.yaml` in its folder; nil where there is none. A link that leads nowhere is one, so that
  /// reading it says so and no other plan is taken in silence.
  public static func own(of study: URL) -> URL? {
    let url = study.appending(path: "analysis.yaml")
    let files = FileManager.default
    let isLink = (try? files.destinationOfSymbolicLink(atPath: url.path)) != nil
    return isLink || files.fileExists(atPath: url.path) ? url : nil
  }

  /// Reads a plan. A file that says nothing is the default plan.
  /// - Throws: `Problems`: everything that is wrong with it, each with line, column and mend.
  public static func read(_ url: URL, name: String? = nil) throws -> AnalysisPlan {
    let file = name ?? url.relativePath
    let missing = Problem(
      "there is no analysis plan", at: Place(file: file),
      mend: "Check the path, or save the default plan there: earshot analyze --print-plan > analysis.yaml")
    let data = try InputFile.data(url, name: file, missing: missing, largest: 16 << 20)
    return try parse(try TextBytes.text(of: data, file: file), name: file)
  }

  /// Reads a plan's text, as `read` reads a file.
  /// - Parameter file: how problems call it.
  public static func parse(_ text: String, name file: String) throws -> AnalysisPlan {
    let root: Node?
    do { root = try BoundedYAML.compose(text, file: file) } catch let problem as Problem {
      throw Problems([problem])
    } catch let error as YamlError {
      var place = Place(file: file)
      switch error {
      case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
        place = Place(file: file, line: mark.line, column: mark.column)
      case .duplicatedKeysInMapping(_, let context):
        place = Place(file: file, line: context.mark.line, column: context.mark.column)
      default: break
      }
      throw Problems([
        Problem(
          "the plan is not well-formed YAML", at: place,
          mend: "Check indentation, colons and quotes here; \(text.contains("\t") ? "use blanks, not tabs; " : "")"
            + "earshot analyze --print-plan shows the form.")
      ])
    }
    var reader = PlanReader(file: file)
    let plan = reader.plan(root)
    guard reader.problems.isEmpty else { throw Problems(reader.problems) }
    return plan
  }
}

/// Walks the YAML tree and collects what is wrong on its way.
private struct PlanReader {
  let file: String
  var problems: [Problem] = []
  /// Where the key stands whose value is being read.
  private var keyMark: Mark?

  init(file: String) { self.file = file }

  mutating func plan(_ root: Node?) -> AnalysisPlan {
    var plan = AnalysisPlan()
    guard let root, root.null == nil else { return plan }
    each(of: root, called: "the plan") { reader, key, node in
      switch key {
      case "title": reader.text(node, into: &plan.title)
      case "columns": reader.columns(node, into: &plan.columns)
      case "scale": reader.scale(node, into: &plan.scale)
      case "reference": reader.texts(node, into: &plan.reference)
      case "anchor": reader.texts(node, into: &plan.anchor)
      case "metric": reader.choice(node, of: AnalysisPlan.Metric.symmetric, into: &plan.metric)
      case "systems": reader.texts(node, into: &plan.systems)
      case "baseline":
        var name = ""
        if node.null == nil { reader.text(node, into: &name) }
        name = Name.read(name)
        plan.baseline = name.isEmpty ? nil : name
      case "conditions": reader.texts(node, into: &plan.conditions)
      case "top_k": reader.whole(node, 1...1000, into: &plan.topK)
      case "similar_from": reader.number(node, 0...1, into: &plan.similarFrom)
      case "tie_band": reader.number(node, 0...1, into: &plan.tieBand)
      case "min_candidates": reader.whole(node, 2...1000, into: &plan.minimumCandidates)
      case "unranked": reader.choice(node, of: AnalysisPlan.Unranked.allCases, into: &plan.unranked)
      case "pooling": reader.pooling(node, into: &plan.pooling)
      case "reference_in_agreement":
        enum Take: String, CaseIterable { case exclude, include }
        var take = Take.exclude
        reader.choice(node, of: Take.allCases, into: &take)
        plan.includeReference = take == .include
      case "candidates": reader.choice(node, of: AnalysisPlan.Candidates.allCases, into: &plan.candidates)
      case "verdict":
        reader.each(of: node, called: "'verdict'") { reader, key, node in
          switch key {
          case "margin": reader.number(node, 0.001...2, into: &plan.margin)
          case "score_margin": reader.margins(node, called: "'score_margin'", into: &plan.scoreMargins)
          case "alpha": reader.number(node, 0.0001...0.5, into: &plan.alpha)
          case "method": reader.choice(node, of: AnalysisPlan.Interval.allCases, into: &plan.verdictInterval)
          default: reader.unknown(key, node, known: ["margin", "score_margin", "alpha", "method"])
          }
        }
      case "screening": reader.screening(node, into: &plan.screening)
      case "intervals":
        reader.each(of: node, called: "'intervals'") { reader, key, node in
          switch key {
          case "confidence": reader.number(node, 0.5...0.9999, into: &plan.confidence)
          case "resamples": reader.whole(node, 100...1_000_000, into: &plan.resamples)
          case "method": reader.choice(node, of: AnalysisPlan.Interval.allCases, into: &plan.interval)
          case "goal": reader.margins(node, called: "'goal'", into: &plan.goals)
          case "seed":
            var seed = 0
            reader.whole(node, 0...Int.max, into: &seed)
            plan.seed = UInt64(seed)
          default: reader.unknown(key, node, known: ["confidence", "resamples", "method", "seed", "goal"])
          }
        }
      case "stopping": reader.stopping(node, into: &plan.stoppingAtMost)
      case "permutations": reader.whole(node, 100...1_000_000, into: &plan.permutations)
      case "correction": reader.choice(node, of: AnalysisPlan.Correction.allCases, into: &plan.correction)
      case "models":
        reader.each(of: node, called: "'models'") { reader, key, node in
          switch key {
          case "linear": reader.choice(node, of: [.auto, .never], into: &plan.linearModels)
          case "ordinal": reader.choice(node, of: AnalysisPlan.Models.allCases, into: &plan.ordinalModels)
          default: reader.unknown(key, node, known: ["linear", "ordinal"])
          }
        }
      default: reader.unknown(key, node, known: Self.keys)
      }
    }
    if plan.stoppingAtMost != nil, plan.interval != .dual || plan.verdictInterval != .dual {
      wrong(
        "'stopping' goes with intervals of the method dual only", root,
        mend: "Leave 'method' out: the ends of resamples are too coarse for the levels that early looks ask for.")
    }
    return plan
  }

  mutating func stopping(_ node: Node, into most: inout Int?) {
    each(of: node, called: "'stopping'") { reader, key, node in
      guard key == "listeners" else { return reader.unknown(key, node, known: ["listeners"]) }
      var listeners = 0
      reader.whole(node, Verdict.leastListeners...1_000_000, into: &listeners)
      if listeners > 0 { most = listeners }
    }
  }

  static let keys = [
    "title", "columns", "scale", "reference", "anchor", "metric", "systems", "baseline", "conditions", "top_k",
    "similar_from", "tie_band", "min_candidates", "unranked", "pooling", "reference_in_agreement", "candidates",
    "verdict", "screening", "intervals", "stopping", "permutations", "correction", "models",
  ]

  mutating func screening(_ node: Node, into screening: inout AnalysisPlan.Screening) {
    each(of: node, called: "'screening'") { reader, key, node in
      guard let rule = AnalysisPlan.Rule(rawValue: key) else {
        guard key == "apply" else {
          return reader.unknown(key, node, known: ["apply"] + AnalysisPlan.Rule.allCases.map(\.rawValue))
        }
        screening.apply = reader.list(node).compactMap { item in
          var rule: AnalysisPlan.Rule?
          reader.choice(item, of: AnalysisPlan.Rule.allCases, into: &rule)
          return rule
        }
        return
      }
      let limits: [(String, WritableKeyPath<AnalysisPlan.Screening, Double>, ClosedRange<Double>)] =
        switch rule {
        case .reference: [("below", \.referenceBelow, 0...1), ("share", \.referenceShare, 0...1)]
        case .anchor: [("above", \.anchorAbove, 0...1), ("share", \.anchorShare, 0...1)]
        case .catches: [("failed", \.catchesFailed, 0...1)]
        case .repeats: [("below", \.repeatsBelow, -1...1)]
        case .speed: [("seconds_per_rating", \.secondsPerRating, 0...3600), ("share", \.fastShare, 0...1)]
        case .straight: [("share", \.straightShare, 0...1)]
        case .outlier: [("mads", \.outlierMADs, 0...100)]
        case .subject: [("mads", \.subjectMADs, 0...100)]
        }
      reader.each(of: node, called: "'\(key)'") { reader, name, node in
        guard let limit = limits.first(where: { $0.0 == name }) else {
          return reader.unknown(name, node, known: limits.map(\.0))
        }
        reader.number(node, limit.2, into: &screening[keyPath: limit.1])
      }
    }
  }

  mutating func columns(_ node: Node, into columns: inout AnalysisPlan.Columns) {
    each(of: node, called: "'columns'") { reader, key, node in
      if key == "wide" { return reader.texts(node, into: &columns.wide) }
      let all = [
        RatingTable.columns, ChoiceTable.columns, ["wide", "system", "score"], DiscriminationTable.columns,
        OrderTable.columns, LikenessTable.columns, AnswerReader.columns,
      ]
      let known = all.joined().reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      guard known.contains(key) else {
        return reader.unknown(key, node, known: known)
      }
      var name = ""
      reader.text(node, into: &name)
      columns.names[key] = Name.read(name)
    }
  }

  mutating func pooling(_ node: Node, into pooling: inout AnalysisPlan.PoolingRule) {
    guard node.mapping != nil else {
      enum Take: String, CaseIterable { case auto, none }
      var take = Take.auto
      choice(node, of: Take.allCases, into: &take)
      pooling = take == .auto ? .auto : .none
      return
    }
    var rule = Pooling.Rule(), saysTopK = false
    each(of: node, called: "'pooling'") { reader, key, node in
      switch key {
      case "systems": reader.texts(node, into: &rule.systems)
      case "top_k":
        saysTopK = true
        reader.whole(node, 1...1000, into: &rule.topK)
      case "random_fillers": reader.whole(node, 0...1000, into: &rule.randomFillers)
      case "max_per_trial":
        var most = 8
        reader.whole(node, 2...1000, into: &most)
        rule.maxPerTrial = most
      default: reader.unknown(key, node, known: ["systems", "top_k", "random_fillers", "max_per_trial"])
      }
    }
    if !saysTopK {
      wrong("'pooling' does not say how many of each system", node, mend: "Add top_k, as in {top_k: 3}.")
    }
    pooling = .rule(rule)
  }

  /// One number, or one by trial type or scale.
  mutating func margins(_ node: Node, called name: String, into margins: inout [String: Double]) {
    let range = 1e-6...1e6
    guard node.mapping != nil else {
      if node.null != nil { return }
      var margin = 0.0
      number(node, range, into: &margin)
      margins = [:]
      if margin > 0 { margins[""] = margin }
      return
    }
    each(of: node, called: name) { reader, key, node in
      var margin = 0.0
      reader.number(node, range, into: &margin)
      if margin > 0 { margins[Name.read(key)] = margin }
    }
  }

  mutating func scale(_ node: Node, into scale: inout ClosedRange<Double>?) {
    let ends = list(node).map { end in
      var value = 0.0
      number(end, -1e12...1e12, into: &value)
      return value
    }
    if ends.isEmpty { return }
    guard ends.count == 2, ends[0] < ends[1] else {
      return wrong("'scale' is not two numbers, the lower first", node, mend: "Write scale: [0, 100].")
    }
    scale = ends[0]...ends[1]
  }

  // MARK: Values

  mutating func each(of node: Node, called what: String, _ body: (inout PlanReader, String, Node) -> Void) {
    if node.null != nil { return }
    guard let mapping = node.mapping else {
      return wrong("\(what) is not a list of keys and values", node, mend: "Write it as 'key: value' lines.")
    }
    for (key, value) in mapping {
      keyMark = key.mark
      body(&self, key.string ?? "", value)
    }
  }

  mutating func list(_ node: Node) -> [Node] {
    if node.null != nil { return [] }
    if let sequence = node.sequence { return Array(sequence) }
    if node.scalar != nil { return [node] }
    wrong("this is not a list", node, mend: "Write it as [a, b].")
    return []
  }

  mutating func text(_ node: Node, into text: inout String) {
    guard let value = node.scalar?.string else {
      return wrong("this is not a text", node, mend: "Write one text here.")
    }
    text = value
  }

  /// Names, trimmed and normalised as those of the tables are.
  mutating func texts(_ node: Node, into texts: inout [String]) {
    texts = list(node).map { item in
      var value = ""
      text(item, into: &value)
      return Name.read(value)
    }
  }

  mutating func number(_ node: Node, _ range: ClosedRange<Double>, into number: inout Double) {
    guard let value = node.float, range.contains(value) else {
      return wrong(
        "'\(node.scalar?.string ?? "this")' is not a number between \(range.lowerBound.cellText) and "
          + "\(range.upperBound.cellText)", node, mend: "The default is \(number.cellText).")
    }
    number = value
  }

  mutating func whole(_ node: Node, _ range: ClosedRange<Int>, into number: inout Int) {
    guard let value = node.int, range.contains(value) else {
      return wrong(
        "'\(node.scalar?.string ?? "this")' is not a whole number between \(range.lowerBound) and \(range.upperBound)",
        node, mend: "The default is \(number).")
    }
    number = value
  }

  mutating func choice<Choice: RawRepresentable<String>>(_ node: Node, of all: [Choice], into choice: inout Choice) {
    var found: Choice? = choice
    self.choice(node, of: all, into: &found)
    if let found { choice = found }
  }

  mutating func choice<Choice: RawRepresentable<String>>(_ node: Node, of all: [Choice], into choice: inout Choice?) {
    let text = node.scalar?.string ?? ""
    guard let found = all.first(where: { $0.rawValue == text }) else {
      return wrong("'\(text)' is not one of \(all.map(\.rawValue).joined(separator: ", "))", node, mend: "Choose one.")
    }
    choice = found
  }

  mutating func unknown(_ key: String, _ node: Node, known: [String]) {
    let mend =
      Suggestion.nearest(key, among: known).map { "Did you mean '\($0)'?" }
      ?? "Known here are \(known.joined(separator: ", "))."
    problems.append(
      Problem(
        "there is no key '\(key)'", at: Place(file: file, line: keyMark?.line, column: keyMark?.column), mend: mend))
  }

  mutating func wrong(_ what: String, _ node: Node, mend: String) {
    problems.append(Problem(what, at: Place(file: file, line: node.mark?.line, column: node.mark?.column), mend: mend))
  }
}
