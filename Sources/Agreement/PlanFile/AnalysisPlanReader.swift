import Basics
import Foundation
import Keys
import Ratings
import Study

extension AnalysisPlan {
  /// The plan in a study's own folder, `analysis.yaml`; nil if there is none. A broken link counts as a plan, so
  /// reading it fails instead of silently using another plan.
  public static func own(of study: URL) -> URL? {
    let url = study.appending(path: "analysis.yaml")
    let files = FileManager.default
    let isLink = (try? files.destinationOfSymbolicLink(atPath: url.path)) != nil
    return isLink || files.fileExists(atPath: url.path) ? url : nil
  }

  /// Reads a plan. An empty file is the default plan.
  /// - Throws: `Problems` with everything that is wrong, each with its line, column and fix.
  public static func read(_ url: URL, name: String? = nil) throws -> AnalysisPlan {
    let file = name ?? url.relativePath
    let missing = Problem(
      "there is no analysis plan", at: Place(file: file),
      mend: "Check the path, or save the default plan there: earshot analyze --print-plan > analysis.yaml")
    let data = try InputFile.data(url, name: file, missing: missing, largest: 16 << 20)
    return try parse(try TextBytes.text(of: data, file: file), name: file)
  }

  /// Reads a plan's text, as `read` reads a file.
  /// - Parameter file: the file's name in problems.
  public static func parse(_ text: String, name file: String) throws -> AnalysisPlan {
    var reader = YAMLReader(file: file, folder: URL(filePath: "."), known: keys)
    var plan = AnalysisPlan()
    if let root = reader.compose(text, mayBeEmpty: true) {
      reader.section(root, path: "", keys: PlanKeys.all, into: &plan)
    }
    if plan.stoppingAtMost != nil, plan.interval != .dual || plan.verdictInterval != .dual {
      reader.fail(
        "'stopping' requires intervals by the method dual", at: reader.place(of: "stopping"),
        mend: "Omit 'method': the tails of the resamples are too coarse for the levels that early looks require.")
    }
    guard reader.problems.isEmpty else { throw Problems(Problems.inOrder(reader.problems)) }
    return plan
  }

  /// Every key of `analysis.yaml`, with each section before its keys.
  public static let keys: [DocumentedKey] = PlanKeys.all.flatMap { $0.documented(AnalysisPlan(), "") }

  /// `analysis.yaml` as a JSON Schema; see `KeySchema`.
  public static func schema() throws -> Data {
    try KeySchema.document(
      PlanKeys.all, AnalysisPlan(), title: "analysis.yaml of Earshot",
      description: "How ratings are analysed: earshot help analysis explains every key.")
  }

  /// The default plan as a file to save and edit. Reading it gives `AnalysisPlan()`.
  public static let text: String = {
    var file = PlanFile()
    for part in PlanKeys.parts {
      file.heading(part.heading)
      for key in part.keys { file.add(key.documented(AnalysisPlan(), "")) }
    }
    return file.text
  }()
}

/// A plan as a file: each key with its default, and its meaning in a comment beside it.
private struct PlanFile {
  private(set) var text = """
    # Earshot's analysis plan. Write it before collecting data; results.json contains its hash.
    # Every key may be omitted; this file shows the defaults.

    """
  /// The column where comments begin, and the last column.
  private static let (comment, width) = (28, 120)

  mutating func heading(_ heading: String) {
    text += "\n"
    if !heading.isEmpty {
      let line = "# --- \(heading) "
      text += line + String(repeating: "-", count: PlanFile.width - line.count) + "\n"
    }
  }

  /// Adds a key and all below it. A section within a section is written on one line.
  mutating func add(_ keys: [DocumentedKey]) {
    for key in keys {
      let names = key.path.split(separator: ".")
      let indent = String(repeating: "  ", count: names.count - 1)
      var value = key.value
      if key.isSection, names.count > 1 {
        let below = keys.filter { $0.path.hasPrefix("\(key.path).") }
        value = "{\(below.map { "\($0.path.dropFirst(key.path.count + 1)): \($0.value)" }.joined(separator: ", "))}"
      }
      if names.count < 3 { line("\(indent)\(names.last ?? ""):\(value.isEmpty ? "" : " \(value)")", key.meaning) }
    }
  }

  private mutating func line(_ said: String, _ meaning: String) {
    let column = max(PlanFile.comment, said.count + 2)
    let lines = KeyReference.wrapped(meaning, indent: "", width: PlanFile.width - column - 2)
    for (i, words) in lines.enumerated() {
      text += (i == 0 ? said : "").padding(toLength: column, withPad: " ", startingAt: 0) + "# \(words)\n"
    }
  }
}
