import ArgumentParser
import Basics
import Foundation
import Neural
import Retrieval

/// The systems that take part: built-in ones, model files, and vectors from elsewhere.
struct SystemOptions: ParsableArguments {
  @Option(
    name: .customLong("system"),
    help: ArgumentHelp(
      "A system that ranks; may be given several times (default: all, in 'earshot rank' all but \(Systems.onRequest.sorted().joined(separator: ", "))).",
      valueName: "name"))
  var systems: [String] = []

  @Option(
    name: .customLong("model"),
    help: ArgumentHelp(
      "A model file that 'earshot train' wrote; it ranks under its own name or one that you give; may be given several times.",
      valueName: "[name=]file"))
  var modelFiles: [String] = []

  @Option(
    name: .customLong("vectors"),
    help: ArgumentHelp(
      "Vectors of your own model (CSV or .npy, see docs/rankings.md), which rank under a name; may be given several times.",
      valueName: "name=file"))
  var vectorFiles: [String] = []

  @Option(
    help: ArgumentHelp(
      "Models and the matched filter also compare each one-shot at up to this many semitones higher and lower (0 to \(ModelSystem.mostTranspose)), for songs that play drums at other pitches. Encoding the library takes correspondingly longer, and so does every query of the matched filter.",
      valueName: "semitones"))
  var transpose = 0

  @Option(
    help: ArgumentHelp(
      "Models and vectors also take part as NAME-refined: the nearest one-shots of the class asked for, as many as given here, are looked for in the mix itself by a matched filter, and come nearer if they are found (60 is a good number; each takes about 4 ms per second of the mix).",
      valueName: "number"))
  var refine: Int?

  @Option(
    help: ArgumentHelp(
      "With --refine, look for them at up to this many semitones higher and lower, too (0 to \(ModelSystem.mostTranspose); default: \(usualRefineTranspose)).",
      valueName: "semitones"))
  var refineTranspose: Int?

  private static let usualRefineTranspose = 7

  @Option(
    help: ArgumentHelp(
      "Models hear mixes in windows of this many seconds (0.1 to 60), a new one every \(NetworkShape.Window.usualHop) s, or as a whole (0), however they were trained; a one-shot's distance is the one to the nearest window.",
      valueName: "seconds"))
  var window: Double?

  @Option(help: "How vectors are compared: \(VectorSystem.Metric.allCases.map(\.rawValue).joined(separator: ", ")).")
  var metric: VectorSystem.Metric = .euclidean

  @Option(
    help: ArgumentHelp(
      "Split queries that are much longer than this into excerpts of this many seconds; a one-shot's distance is that to the nearest excerpt.",
      valueName: "seconds"))
  var excerpts: Double?

  func validate() throws {
    if let excerpts, !(1...600).contains(excerpts) { throw ValidationError("--excerpts must be between 1 and 600.") }
    if let window, window != 0, !(0.1...60).contains(window) {
      throw ValidationError("--window must be 0, or between 0.1 and 60.")
    }
    guard (0...ModelSystem.mostTranspose).contains(transpose) else {
      throw ValidationError("--transpose must be between 0 and \(ModelSystem.mostTranspose).")
    }
    if let refine, refine < 1 { throw ValidationError("--refine must be at least 1.") }
    if let refineTranspose, !(0...ModelSystem.mostTranspose).contains(refineTranspose) {
      throw ValidationError("--refine-transpose must be between 0 and \(ModelSystem.mostTranspose).")
    }
    if refineTranspose != nil, refine == nil { throw ValidationError("--refine-transpose needs --refine.") }
    if vectorFiles.isEmpty, metric != .euclidean {
      throw ValidationError("--metric is for --vectors: models compare by Euclidean distance.")
    }
    if refine != nil, excerpts != nil, !vectorFiles.isEmpty {
      throw ValidationError(
        "--refine and --excerpts cannot be combined with --vectors, which know mixes only as a whole.")
    }
  }

  /// Whether models or vectors take part.
  var bringsOwn: Bool { !modelFiles.isEmpty || !vectorFiles.isEmpty }

  /// The systems with the given names. If no name is given: all built-in ones but `leftOut`, or none if the caller has its
  /// own.
  /// - Parameter seed: the seed of the system `random`.
  func known(orNoneIf hasOwn: Bool = false, without leftOut: Set<String> = [], seed: UInt64) throws
    -> [any RankingSystem]
  {
    let all = Systems.all(seed: seed, model: try Home.model().map(heard), transpose: transpose)
    if systems.isEmpty { return hasOwn ? [] : all.filter { !leftOut.contains($0.name) } }
    return try systems.map { name in
      guard let system = all.first(where: { $0.name == name }) else {
        throw Problem(
          "there is no system '\(name)'",
          mend: "There are \(all.map(\.name).joined(separator: ", ")); bring your own with --model or --vectors.")
      }
      return system
    }
  }

  func models() throws -> [ModelSystem] {
    try modelFiles.map { argument in
      let named = FileArgument(argument)
      let system = ModelSystem(try heard(ModelFile.read(named.file)), name: named.name, transpose: transpose)
      try Self.checkFree(system.name)
      return system
    }
  }

  /// Those of the systems that can be refined, refined, if that is asked for. Baselines are not.
  /// - Throws: a `Problem` if there are none.
  func refined(_ systems: [any RankingSystem]) throws -> [RefinedSystem] {
    guard let refine else { return [] }
    let refined = systems.filter { $0 is ModelSystem || $0 is VectorSystem }.map {
      RefinedSystem($0, count: refine, transpose: refineTranspose ?? Self.usualRefineTranspose)
    }
    guard !refined.isEmpty else {
      throw Problem(
        "--refine has no model to refine", mend: "Name one with --system conditional, --model or --vectors.")
    }
    return refined
  }

  /// The model, hearing mixes as the options say.
  private func heard(_ model: Model) throws -> Model { try window.map(model.hearing(inWindowsOf:)) ?? model }

  /// What the options change in how these systems hear and compare, in sentences for a page of results.
  /// - Throws: a `Problem` for an option that changes none of them.
  func remarks(on systems: [any RankingSystem]) throws -> [String] {
    func seconds(_ number: Double) -> String { String(format: "%g s", number) }
    let bases = systems.map { ($0 as? RefinedSystem)?.base ?? $0 }
    let haveModel = bases.contains { $0 is ModelSystem }
    let shifted = [
      haveModel ? "models" : nil, bases.contains { $0.name == "matched-filter" } ? "the matched filter" : nil,
    ]
    .compactMap(\.self)
    if window != nil, !haveModel {
      throw Problem("--window has no model to change", mend: "Name one with --system conditional or --model.")
    }
    if transpose > 0, shifted.isEmpty {
      throw Problem(
        "--transpose has no system to change",
        mend: "Name a model with --system conditional or --model, or --system matched-filter.")
    }
    return [
      window.map {
        "Models heard mixes " + ($0 > 0 ? "in windows of \(seconds($0))" : "as a whole") + " (--window)."
      },
      excerpts.map { "Mixes were heard in excerpts of \(seconds($0)) (--excerpts), as far as they are much longer." },
      transpose > 0
        ? "Each one-shot was also compared at up to \(transpose, "semitone") higher and lower by \(shifted.joined(separator: " and ")) (--transpose)."
        : nil,
      metric != .euclidean ? "Vectors were compared by the metric \(metric.rawValue) (--metric)." : nil,
      refine.map {
        "For the systems that end in -refined, the \($0) nearest one-shots of the class asked for were looked for in the mix itself by a matched filter, at up to \(refineTranspose ?? Self.usualRefineTranspose, "semitone") higher and lower (--refine). They know the class of each one-shot: compare them with others in the own class (mrr_own_class)."
      },
    ].compactMap(\.self)
  }

  /// - Parameter catalogue: the sounds, which must all have a vector.
  func vectors(for catalogue: Catalogue) throws -> [VectorSystem] {
    try vectorFiles.map { argument in
      let (name, file) = try FileArgument(argument).mustHaveName(as: "vectors")
      try Self.checkFree(name)
      let notes = TableNotes()
      let system = VectorSystem(name: name, table: try VectorTable(file, notes: notes), metric: metric)
      notes.tell()
      let problems = system.problems(in: catalogue)
      guard problems.isEmpty else { throw Problems(problems) }
      return system
    }
  }

  /// Does something with the excerpts of a catalogue, or with nil where none are asked for. They are gone after it, also if it
  /// is ended by a signal.
  func withExcerpts<Result>(of catalogue: Catalogue, _ body: (Excerpts?) throws -> Result) throws -> Result {
    guard let excerpts else { return try body(nil) }
    return try ScratchFolder.with { folder in
      let bar = ProgressBar("excerpts")
      let cut = try Excerpts(catalogue, seconds: excerpts, folder: folder, progress: bar.handler)
      bar.finish()
      return try body(cut)
    }
  }

  private static func checkFree(_ name: String) throws {
    guard !Systems.reserved.contains(name) else {
      throw Problem("no system can be called '\(name)'", mend: "The study uses this name itself; take another.")
    }
  }
}

/// A file on the command line that may be given a name: `name=file` or `file`.
struct FileArgument {
  var name: String?
  var file: URL

  init(_ argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    let isNamed = parts.count == 2 && !parts[0].contains("/")
    name = isNamed ? parts[0] : nil
    file = URL(filePath: isNamed ? parts[1] : argument)
  }

  /// - Parameter option: the option for which it was given.
  func mustHaveName(as option: String) throws -> (name: String, file: URL) {
    guard let name else {
      throw Problem(
        "--\(option) \(file.relativePath) names no system", mend: "Write it as --\(option) my-model=vectors.npy.")
    }
    return (name, file)
  }
}

extension VectorSystem.Metric: ExpressibleByArgument {}
