import ArgumentParser
import Basics
import Foundation
import Logging
import Simulation
import Sound
import Stimuli
import Study
import Trials

struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Let simulated listeners take part in a study.",
    discussion: """
      See what answers would look like before you ask people: simulated listeners with a stated ear take part through the \
      same web interface as everyone, several at once. They differ in bias, in how much of the scale they use and in how \
      steady they are; they lapse, and some leave.

      Their records are kept separate from people's, in STUDY/data/simulated, unless --server says that the study is \
      already being served. Their ratings without noise are written to truth.csv, so that you can compare an analysis \
      with them.

      Ears:
        acoustic  similarity falls with the distance in timbre between a candidate and the sample that really plays
        none      no difference is heard: ratings agree with nothing

      Examples:
        earshot simulate studies/demo
        earshot simulate studies/demo --listeners 100 --seed 7
        earshot simulate studies/demo --ear none --data deaf-listeners
        earshot simulate studies/demo --server http://127.0.0.1:8080
      """)

  enum EarKind: String, ExpressibleByArgument, CaseIterable { case acoustic, none }

  @Argument(help: ArgumentHelp("The study's folder.", valueName: "study"))
  var study: String

  @Option(help: "How many listeners take part.")
  var listeners = 30

  @Option(help: "What they hear: acoustic or none.")
  var ear: EarKind = .acoustic

  @Option(help: "The same seed gives the same listeners.")
  var seed: UInt64 = 1

  @Option(help: "The deviation of a single rating, as a share of the scale.")
  var noise = SimulatedListener.Population().noise

  @Option(help: "The chance that a listener leaves before a trial.")
  var dropOut = SimulatedListener.Population().dropOut

  @Option(help: "How many take part at the same time.")
  var atOnce = 8

  @Option(help: "What participants.csv says under recruited_from.")
  var group = "simulation"

  @Option(help: ArgumentHelp("A server that already serves this study.", valueName: "address"))
  var server: String?

  @Option(
    help: ArgumentHelp(
      "Where records and prepared sounds are kept (default: data/simulated in the study's folder; with --server, data).",
      valueName: "folder"))
  var data: String?

  func validate() throws {
    guard (1...100_000).contains(listeners), (1...1000).contains(atOnce) else {
      throw ValidationError("--listeners must be between 1 and 100000, and --at-once between 1 and 1000.")
    }
    guard noise >= 0, (0...1).contains(dropOut) else {
      throw ValidationError("--noise must not be negative, and --drop-out must be between 0 and 1.")
    }
    guard server == nil || server.flatMap({ URL(string: $0) })?.host != nil else {
      throw ValidationError("--server is an address such as http://127.0.0.1:8080.")
    }
  }

  func run() async throws {
    let ownFolder = server == nil ? "data/simulated" : "data"
    let place = try StudyPlace(study: study, data: data ?? "\(study)/\(ownFolder)")
    if let address = server.flatMap({ URL(string: $0) }) {
      let design = try StudyDesign.load(folder: place.folder)
      try await listen(to: address, design, try PreparedStimuli.prepare(design, into: place.data), place)
    } else {
      var logger = Logger(label: "earshot")
      logger.logLevel = .warning
      let served = try ServedStudy(place, host: "127.0.0.1", ports: 0...0, logger: logger)
      defer { served.stop() }
      guard let address = URL(string: served.link) else { preconditionFailure("a server's link is an address") }
      try await listen(to: address, served.design, served.prepared, place)
    }
  }

  private func listen(
    to server: URL, _ design: StudyDesign, _ prepared: PreparedStimuli, _ place: StudyPlace
  ) async throws {
    let ear = try hearing(design, prepared)
    let truth = place.data.appending(path: "truth.csv")
    try ear.write(to: truth)
    var simulation = Simulation(
      server: server, ear: ear, study: design.definition, names: try Simulation.names(in: prepared.table),
      listeners: listeners)
    simulation.population.noise = noise
    simulation.population.dropOut = dropOut
    (simulation.seed, simulation.group, simulation.atOnce) = (seed, group, atOnce)
    let bar = ProgressBar("listening")
    let summary = try await simulation.run(progress: bar.handler)
    bar.finish()
    let isFound =
      try self.server == nil
      ? AnswersFolder.of(place.folder).standardizedFileURL.path == place.data.path : data == nil
    let apart = isFound ? "" : " --data \(place.data.path)"
    let left = summary.left == 0 ? "" : ", \(summary.left) left before the end"
    print(
      """
      \(summary.finished, "simulated listener") finished\(left).
      The records are in \(place.data.path); truth.csv there has the ratings that they would have given without noise.

        earshot export \(study)\(apart)
        earshot analyze \(study)\(apart)
      """)
  }

  private func hearing(_ design: StudyDesign, _ prepared: PreparedStimuli) throws -> Ear {
    guard ear == .acoustic else { return Ear.deaf(design) }
    let sounds = design.stimuli.filter { $0.role == .candidate || $0.alignment != nil }
    let features = try parallelMap(sounds) { sound -> [Float] in
      guard let file = prepared.file(of: sound.stimulus) else { return [] }
      return Timbre.features(of: try AudioFile.read(file))
    }
    return try Ear.acoustic(design, features: Dictionary(zip(sounds.map(\.stimulus), features)) { first, _ in first })
  }
}
