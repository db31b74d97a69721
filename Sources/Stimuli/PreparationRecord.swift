import Basics
import Foundation
import Study

/// What is known about a file without reading it. If two fingerprints of one path are equal, the file is unchanged.
struct FileFingerprint: Equatable {
  var size: Int
  /// The time of the last change, in nanoseconds since 1970.
  var changed: Int

  /// Nil if there is no regular file.
  init?(_ url: URL) {
    var status = stat()
    guard stat(url.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    size = Int(status.st_size)
    // Wrapping arithmetic, because a file may be dated thousands of years ahead, and values are only compared for
    // equality.
    changed = Int(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(status.st_mtim.tv_nsec)
  }

  init(size: Int, changed: Int) {
    self.size = size
    self.changed = changed
  }
}

/// What was prepared from what, stored in `prepared.csv` beside stimuli.csv: the columns of stimuli.csv, and those that
/// show at the next start what is still valid, without reading any sound.
struct PreparationRecord: Equatable {
  var row: PreparedStimulus
  /// A hash of the source's content and of all rules applied to it.
  var key: String
  var sourceFile: String
  var sourceHash: String
  var sourcePrint: FileFingerprint
  var preparedPrint: FileFingerprint
  /// The size of the prepared file in bytes without padding, which earlier versions added.
  var bareSize: Int

  private static let ownColumns = [
    "limited", "key", "source_file", "source_sha256", "source_bytes", "source_changed_ns", "bytes", "changed_ns",
    "bare_bytes",
  ]

  /// The key of `request` if its source has the SHA-256 `sourceHash`.
  static func key(_ request: StimulusRequest, sourceHash: String, rules: StudyDefinition.Sounds) -> String {
    var key = ["rules \(StimulusSound.rules)", request.role.rawValue, sourceHash, rules.sampleRate.cellText]
    key += [rules.truePeakCeiling.cellText, request.lowpass.cellText]
    if let alignment = request.alignment {
      // The gain depends on all versions, so each of them is part of the key.
      key += ["aligned", rules.renderingsLevel.rawValue, rules.queryLoudness.cellText, request.stimulus]
      key += alignment.files.map { "\($0.path) \(FileFingerprint($0).map { "\($0.size) \($0.changed)" } ?? "")" }
      key += alignment.lowpassed.map { "\($0.file.path) \($0.lowpass.cellText)" }
      key.append(alignment.hasReference ? "reference" : "")
      if !alignment.isSwitched { key.append("own length") }
      if alignment.isAlone { key += ["alone", rules.candidateLoudness.cellText] }
      return ContentHash.of(key.joined(separator: "|"))
    }
    switch request.role {
    case .query: key.append(rules.queryLoudness.cellText)
    case .candidate: key += [rules.candidateLoudness.cellText, rules.candidateMaxDuration.cellText]
    }
    return ContentHash.of(key.joined(separator: "|"))
  }

  /// Records by stimulus. If the file is missing or unreadable, the result is empty, and everything is prepared again.
  static func read(_ url: URL) -> [String: PreparationRecord] {
    guard let rows = try? TableReader.rows(url, require: PreparedStimulus.columns + ownColumns) else { return [:] }
    var records: [String: PreparationRecord] = [:]
    for row in rows {
      guard let stimulus = try? PreparedStimulus(row), let key = row["key"], let sourceFile = row["source_file"],
        let sourceHash = row["source_sha256"], let sourceBytes = try? row.integer("source_bytes"),
        let sourceChanged = try? row.integer("source_changed_ns"), let bytes = try? row.integer("bytes"),
        let changed = try? row.integer("changed_ns"), let bareSize = try? row.integer("bare_bytes")
      else { continue }
      records[stimulus.stimulus] = PreparationRecord(
        row: stimulus, key: key, sourceFile: sourceFile, sourceHash: sourceHash,
        sourcePrint: FileFingerprint(size: sourceBytes, changed: sourceChanged),
        preparedPrint: FileFingerprint(size: bytes, changed: changed), bareSize: bareSize)
    }
    return records
  }

  static func write(_ records: [PreparationRecord], to url: URL) throws {
    try TableWriter.write(url, columns: PreparedStimulus.columns + ownColumns) { table in
      for record in records {
        let own: [any CellValue] = [
          record.row.isLimited, record.key, record.sourceFile, record.sourceHash, record.sourcePrint.size,
          record.sourcePrint.changed, record.preparedPrint.size, record.preparedPrint.changed, record.bareSize,
        ]
        try table.row(record.row.cells + own)
      }
    }
  }
}
