import Basics
import Foundation
import Study
import Synchronization

/// Many simulated listeners who take part in a study that is being served, several at a time.
public struct Simulation: Sendable {
  /// The number of listeners who finished, and of those who left before the end.
  public struct Summary: Sendable, Equatable {
    /// Those who answered every step.
    public var finished = 0
    /// Those who left before a trial (`Population.dropOut`).
    public var left = 0
  }

  /// The address below which the study is served, such as `http://127.0.0.1:8080`.
  public var server: URL
  /// What all listeners would hear without noise.
  public var ear: Ear
  /// The study that is served. Its blocks say how trials are answered.
  public var study: StudyDefinition
  /// The stimulus of each prepared file, by the file's SHA-256, as in stimuli.csv.
  public var names: [String: String]
  /// How many take part.
  public var listeners: Int
  /// How listeners differ from each other and from the ear.
  public var population = SimulatedListener.Population()
  /// Where they are recruited from: `recruited_from`, and the beginning of each external id.
  public var group = "simulation"
  /// Determines the listeners, their answers and their external ids, so that a repeated simulation counts nothing
  /// twice.
  public var seed: UInt64 = 1
  /// The number of listeners who take part at the same time.
  public var atOnce = 8

  public init(server: URL, ear: Ear, study: StudyDefinition, names: [String: String], listeners: Int) {
    self.server = server
    self.ear = ear
    self.study = study
    self.names = names
    self.listeners = listeners
  }

  /// Reads from `stimuli.csv` which stimulus each prepared file is.
  public static func names(in stimuli: URL) throws -> [String: String] {
    var names: [String: String] = [:]
    for row in try TableReader.rows(stimuli, name: "stimuli.csv", require: ["stimulus", "sha256"]) {
      names[try row.text("sha256")] = try row.text("stimulus")
    }
    return names
  }

  /// Takes part with all listeners. Their answers depend only on the seed; the order in which the sittings end does
  /// not.
  /// - Throws: the first error of any listener, after the running sittings have ended.
  public func run(progress: ProgressHandler? = nil) async throws -> Summary {
    let browser = Browser(server: server)
    var summary = Summary()
    try await withThrowingTaskGroup(of: Visit.Outcome.self) { group in
      var next = 0
      func start() {
        let listener = SimulatedListener(number: 1 + next, population: population, seed: seed)
        let visit = Visit(
          browser: browser, listener: listener, ear: ear, study: study, names: names, group: self.group, seed: seed)
        group.addTask { try await visit.run() }
        next += 1
      }
      while next < min(atOnce, listeners) { start() }
      while let outcome = try await group.next() {
        switch outcome {
        case .finished: summary.finished += 1
        case .left: summary.left += 1
        }
        progress?(summary.finished + summary.left, listeners)
        if next < listeners { start() }
      }
    }
    return summary
  }
}
