import Basics
import Foundation
import Logging
import Records
import Study
import Synchronization
import Trials

/// What a study says, the same on all servers that share its records: one that is told to read the study again gives its
/// words out by the database, and the others look for them every second. `docs/postgresql.md` tells whose words hold.
final class SharedWords: Sendable {
  private let folder: URL
  private let records: Records
  private let logger: Logger
  /// Of the words that are on here.
  private let version: Mutex<String>
  private let over = DispatchSemaphore(value: 0)

  /// Gives out the words of a study that was read just now, unless they were given out before.
  init(_ reading: StudyReading, of design: StudyDesign, folder: URL, records: Records, logger: Logger) throws {
    (self.folder, self.records, self.logger) = (folder, records, logger)
    version = Mutex(reading.words.hash)
    try giveOut(reading.words, design, onlyIfNew: true)
  }

  /// From now on these words hold everywhere.
  func giveOut(_ words: StudyWords, _ design: StudyDesign, onlyIfNew: Bool = false) throws {
    let version = words.hash
    try records.giveOut(
      words: JSONEncoder().encode(words), version: version, design: design.designVersion, onlyIfNew: onlyIfNew)
    self.version.withLock { $0 = version }
  }

  /// The study with the words that hold, where those are not on here.
  /// - Throws: `RecordsError` where the records cannot be read.
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
      logger.error("the words that another server has given out are of another design: are tables and sounds the same?")
      return nil
    }
    return read
  }

  /// Looks every second until `close`.
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
