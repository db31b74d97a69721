import Basics
import Foundation
import Keys
import Logging
import Records
import Study
import Synchronization
import Trials

/// Keeps a study's texts the same on all servers that share its records. A server that is told to read the study again
/// publishes its texts in the database, and the others look for them every second. `docs/postgresql.md` says which texts
/// apply.
final class SharedWords: Sendable {
  private let folder: URL
  private let records: Records
  private let logger: Logger
  /// The version of the texts that are shown here.
  private let version: Mutex<String>
  private let over = DispatchSemaphore(value: 0)

  /// Publishes the texts of a study that was just read, unless they were published before.
  init(_ reading: StudyReading, of design: StudyDesign, folder: URL, records: Records, logger: Logger) throws {
    (self.folder, self.records, self.logger) = (folder, records, logger)
    version = Mutex(reading.words.hash)
    try giveOut(reading.words, design, onlyIfNew: true)
  }

  /// Makes these texts apply on every server.
  func giveOut(_ words: StudyWords, _ design: StudyDesign, onlyIfNew: Bool = false) throws {
    let version = words.hash
    try records.giveOut(
      words: JSONEncoder().encode(words), version: version, design: design.designVersion, onlyIfNew: onlyIfNew)
    self.version.withLock { $0 = version }
  }

  /// The study with the texts that apply, if they are not the ones shown here.
  /// - Throws: `RecordsError` if the records cannot be read.
  func news(of design: StudyDesign) throws -> StudyDesign? {
    let held = version.withLock(\.self)
    guard let given = try records.givenVersion(design: design.designVersion), given != held,
      let data = try records.givenWords(design: design.designVersion)
    else { return nil }
    version.withLock { $0 = given }
    guard let words = try? JSONDecoder().decode(StudyWords.self, from: data) else {
      logger.error("the words that another server has given out cannot be read; update all servers to one version")
      return nil
    }
    let reading = StudyReading(folder: folder, words: words)
    for problem in reading.errors { logger.error("the words that another server has given out: \(problem)") }
    guard let read = reading.design, read.designVersion == design.designVersion else {
      logger.error(
        "the words that another server has given out belong to another design: are tables and sounds the same?")
      return nil
    }
    return read
  }

  /// Checks every second until `close`.
  func follow(_ design: StudyDesign, _ take: @escaping @Sendable (StudyDesign) -> Void) {
    let thread = Thread { [self] in
      while over.wait(timeout: .now() + 1) == .timedOut {
        // A database that is out of reach is told where answers are saved.
        if let read = try? news(of: design) { take(read) }
      }
    }
    thread.name = "words"
    thread.start()
  }

  func close() { over.signal() }
}
