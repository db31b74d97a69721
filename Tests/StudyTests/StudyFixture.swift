import Basics
import Foundation
import Study
import Trials

/// A small study in its own folder: two loops, two conditions, two systems, six candidates per condition.
struct StudyFixture {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-study-\(UUID().uuidString)")
  static let conditions = ["kick", "snare"]

  init(_ yaml: String = "title: T\nconsent: {text: Yes}\n") throws {
    try FileManager.default.createDirectory(at: folder.appending(path: "sounds"), withIntermediateDirectories: true)
    var queries = "query,condition,file,reference\n"
    var candidates = "candidate,condition,file,licence\n"
    var rankings = "query,condition,system,rank,candidate\n"
    for loop in ["loop1", "loop2"] {
      try write("sounds/\(loop).flac", loop)
      for condition in StudyFixture.conditions {
        queries += "\(loop),\(condition),\(loop).flac,\(condition)1\n"
        for (system, order) in [("mine", [2, 1, 3, 4, 5, 6]), ("random", [6, 5, 4, 3, 2, 1])] {
          for (i, number) in order.enumerated() {
            rankings += "\(loop),\(condition),\(system),\(i + 1),\(condition)\(number)\n"
          }
        }
      }
    }
    for condition in StudyFixture.conditions {
      for number in 1...6 {
        candidates += "\(condition)\(number),\(condition),\(condition)\(number).flac,CC0\n"
        try write("sounds/\(condition)\(number).flac", "\(condition)\(number)")
      }
    }
    try write("sounds/queries.csv", queries)
    try write("sounds/candidates.csv", candidates)
    try write("sounds/rankings.csv", rankings)
    try study(yaml)
  }

  /// Writes study.yaml, with this folder's tables unless the text names others.
  func study(_ yaml: String) throws {
    let tables =
      "sounds: {queries: sounds/queries.csv, candidates: sounds/candidates.csv, rankings: sounds/rankings.csv}"
    try write("study.yaml", yaml.contains("sounds:") ? yaml : yaml + tables + "\n")
  }

  func write(_ path: String, _ text: String) throws {
    let url = folder.appending(path: path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func edit(_ path: String, _ old: String, _ new: String) throws {
    let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
    try write(path, text.replacing(old, with: new))
  }

  func load() throws -> StudyDesign { try StudyDesign.load(folder: folder) }

  /// All problems, one per line, with paths relative to the study's folder.
  func problems(probe: SoundProbe? = nil) -> [String] {
    StudyReading(folder: folder, probe: probe).problems.map {
      $0.description.replacing(folder.relativePath + "/", with: "")
    }
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }
}
