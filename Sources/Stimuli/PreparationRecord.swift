import Basics
import Foundation
import Study

/// What is known of a file without reading it. Equal fingerprints of one path mean an unchanged file.
struct FileFingerprint: Equatable {
  var size: Int
  /// Of the last change, in nanoseconds since 1970.
  var changed: Int

  /// nil if there is no regular file.
  init?(_ url: URL) {
    var status = stat()
    guard stat(url.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    size = Int(status.st_size)
    // Wrapping: a file may be dated thousands of years from now, and only equality is asked for.
    changed = Int(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(status.st_mtim.tv_nsec)
  }

  init(size: Int, changed: Int) {
    self.size = size
    self.changed = changed
  }
}

/// What was prepared from what, kept in `prepared.csv` beside stimuli.csv: its columns, and those by which the next
/// start sees what is still good without reading a sound.
struct PreparationRecord: Equatable {
  var row: PreparedStimulus
  /// Names the source's content and all rules that were applied to it.
  var key: String
  var sourceFile: String
  var sourceHash: String
  var sourcePrint: FileFingerprint
  var preparedPrint: FileFingerprint
  /// The prepared file's bytes without padding, which files of earlier versions had.
  var bareSize: Int

  private static let ownColumns = [
    "limited", "key", "source_file", "source_sha256", "source_bytes", "source_changed_ns", "bytes", "changed_ns",
    "bare_bytes",
  ]

  /// The key of `request` when its source has the SHA-256 `sourceHash`.
  static func key(_ request: StimulusRequest, sourceHash: String, rules: StudyDefinition.Sounds) -> String {
    var key = ["rules \(StimulusSound.rules)", request.role.rawValue, sourceHash, rules.sampleRate.cellText]
    key += [rules.truePeakCeiling.cellText, request.lowpass.cellText]
    if let alignment = request.alignment {
      // The gain follows from all versions, so each is part of what was done to this one.
      key += ["aligned", rules.renderingsLevel.rawValue, rules.queryLoudness.cellText, request.stimulus]
      key += alignment.files.map { "\($0.path) \(FileFingerprint($0).map { "\($0.size) \($0.changed)" } ?? "")" }
      key.append(alignment.hasReference ? "reference" : "")
      if alignment.isAlone { key += ["alone", rules.candidateLoudness.cellText] }
      return ContentHash.of(key.joined(separator: "|"))
    }
    switch request.role {
    case .query: key.append(rules.queryLoudness.cellText)
    case .candidate: key += [rules.candidateLoudness.cellText, rules.candidateMaxDuration.cellText]
    }
    return ContentHash.of(key.joined(separator: "|"))
  }

  /// By stimulus. A record that is missing or cannot be read is an empty one: everything is then prepared anew.
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
