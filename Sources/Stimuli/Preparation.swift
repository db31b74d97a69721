import Basics
import Foundation
import Sound
import Study

/// One call of `PreparedStimuli.prepare`: find what is still valid, prepare the rest, put files and tables in place,
/// and remove old files.
struct Preparation {
  let requests: [StimulusRequest]
  let rules: StudyDefinition.Sounds
  let data: URL
  let isServing: Bool
  let progress: ProgressHandler?

  private static let recordName = "prepared.csv"
  private static let folderName = "stimuli"
  private var folder: URL { data.appending(path: Self.folderName) }
  private var parts: URL { folder.appending(path: ".parts") }

  /// A stimulus in preparation. `core` is the file that contains its audio frames, and `isPublished` says whether that
  /// file is already the one to be served.
  private struct Draft: Sendable {
    var record: PreparationRecord
    var core: URL
    var isPublished: Bool
  }

  func run() throws -> (kept: [PreparationRecord], freshCount: Int) {
    try checkNames()
    try makeFolder(folder)
    // Without the lock, two processes that prepare the same study (a server, and one that simulates listeners) would
    // delete each other's files.
    let lock = try FolderLock(waitingFor: folder)
    defer { withExtendedLifetime(lock) {} }
    let known = PreparationRecord.read(data.appending(path: Self.recordName))
    var drafts = requests.map { request in known[request.stimulus].flatMap { stillGood($0, for: request) } }
    let missing = drafts.indices.filter { drafts[$0] == nil }
    defer { try? FileManager.default.removeItem(at: parts) }
    if !missing.isEmpty {
      try? FileManager.default.removeItem(at: parts)
      try makeFolder(parts)
      for (i, draft) in zip(missing, try encode(missing.map { requests[$0] })) { drafts[i] = draft }
    }
    let records = try publish(drafts.compactMap(\.self))
    if records.count != known.count || records.contains(where: { known[$0.row.stimulus] != $0 }) {
      try PreparationRecord.write(records, to: data.appending(path: Self.recordName))
    }
    try writeTable(records)
    sweep(keeping: records)
    return (records, missing.count)
  }

  private func checkNames() throws {
    var seen: Set<String> = []
    let doubled = requests.filter { !seen.insert($0.stimulus).inserted }
    guard doubled.isEmpty else {
      throw Problems(
        doubled.map {
          Problem(
            "the stimulus '\($0.stimulus)' occurs twice", at: Place(file: $0.file.path),
            mend: "Give queries and candidates different names.")
        })
    }
  }

  private func makeFolder(_ url: URL) throws {
    do { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) } catch {
      throw Problem(
        "cannot create the folder for the prepared sounds", at: Place(file: url.path),
        mend: "Check that the folder above it exists and that you own it.")
    }
  }

  /// Nil if the source's content, the rules or the prepared file differ from the record.
  private func stillGood(_ record: PreparationRecord, for request: StimulusRequest) -> Draft? {
    var record = record
    guard let source = FileFingerprint(request.file) else { return nil }
    if record.sourceFile != request.file.path || record.sourcePrint != source {
      guard let hash = try? ContentHash.ofFile(request.file), hash == record.sourceHash else { return nil }
      record.sourceFile = request.file.path
      record.sourcePrint = source
    }
    guard record.key == PreparationRecord.key(request, sourceHash: record.sourceHash, rules: rules) else { return nil }
    let file = data.appending(path: record.row.file)
    guard let prepared = FileFingerprint(file) else { return nil }
    if prepared != record.preparedPrint {
      guard let hash = try? ContentHash.ofFile(file), hash == record.row.sha256 else { return nil }
      record.preparedPrint = prepared
    }
    record.row.condition = request.condition
    record.row.licence = request.licence
    record.row.source = request.source
    return Draft(record: record, core: file, isPublished: true)
  }

  /// Prepares sounds into the folder of temporary files. All sources are tried before any problems are thrown.
  private func encode(_ requests: [StimulusRequest]) throws -> [Draft] {
    let work = Array(requests.enumerated())
    let grounds = CommonGrounds(rules)
    let results = try parallelMap(work, progress: progress) { i, request in
      Result { try encode(request, grounds, to: parts.appending(path: "\(i).flac")) }
    }
    let problems = zip(requests, results).flatMap { request, result -> [Problem] in
      guard case .failure(let error) = result else { return [] }
      switch error {
      case let problem as Problem: return [problem]
      case let problems as Problems: return problems.list
      default:
        return [
          Problem(
            "cannot prepare the sound: \(error.localizedDescription)", at: Place(file: request.file.path),
            mend: "Check that the file can be read and that the disk has space.")
        ]
      }
    }
    guard problems.isEmpty else { throw Problems(problems) }
    return try results.map { try $0.get() }
  }

  private func encode(_ request: StimulusRequest, _ grounds: CommonGrounds, to part: URL) throws -> Draft {
    guard let print = FileFingerprint(request.file) else {
      throw Problem("there is no such file", at: Place(file: request.file.path), mend: "Check the path.")
    }
    let hash = try ContentHash.ofFile(request.file)
    let sound = try StimulusSound(request, rules: rules, ground: grounds.of(request))
    try AudioFile.write(sound.clip, to: part, as: .flac16)
    return Draft(
      record: PreparationRecord(
        row: PreparedStimulus(request, sound),
        key: PreparationRecord.key(request, sourceHash: hash, rules: rules), sourceFile: request.file.path,
        sourceHash: hash, sourcePrint: print, preparedPrint: FileFingerprint(size: 0, changed: 0),
        bareSize: try bareFlac(part).count),
      core: part, isPublished: false)
  }

  /// Gives names to new files, and new names to files that an earlier version of Earshot padded.
  private func publish(_ drafts: [Draft]) throws -> [PreparationRecord] {
    try parallelMap(drafts) { draft in
      if draft.isPublished, draft.record.preparedPrint.size == draft.record.bareSize { return draft.record }
      var record = draft.record
      let name = opaqueName()
      record.row.file = "\(Self.folderName)/\(name).flac"
      let file = data.appending(path: record.row.file)
      let bytes = try bareFlac(draft.core)
      let part = folder.appending(path: ".\(name).part")
      do { try bytes.write(to: part) } catch {
        throw Problem("cannot write the sound", at: Place(file: file.path), mend: "Check that the disk has space.")
      }
      guard rename(part.path, file.path) == 0, let print = FileFingerprint(file) else {
        throw Problem("cannot write the sound", at: Place(file: file.path), mend: "Check that you own the folder.")
      }
      record.row.sha256 = ContentHash.of(bytes)
      record.preparedPrint = print
      record.bareSize = bytes.count
      return record
    }
  }

  private func bareFlac(_ url: URL) throws -> Data {
    guard let flac = BareFlac.of(try InputFile.data(url)) else {
      throw Problem("a prepared sound is broken", at: Place(file: url.path), mend: "Delete it and prepare again.")
    }
    return flac
  }

  /// 128 random bits, so that neither the name reveals the sound, nor the sound the name.
  private func opaqueName() -> String {
    var random = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let digits = String(random.next(), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  private func writeTable(_ records: [PreparationRecord]) throws {
    let bytes = try PreparedStimulus.table(records.map(\.row))
    let url = data.appending(path: PreparedStimuli.tableName)
    if let present = try? InputFile.data(url), present == bytes { return }
    try TableWriter.write(url, columns: PreparedStimulus.columns) { table in
      for record in records { try table.row(record.row.cells) }
    }
  }

  /// Removes files of earlier calls that no table names any more. Only files with names of our own form are touched.
  /// While a server uses the folder, another process that prepares a different design leaves the server's files.
  private func sweep(keeping records: [PreparationRecord]) {
    let lock = "serving.lock"
    let isServed = FileManager.default.fileExists(atPath: data.appending(path: lock).path)
    guard isServing || !isServed || (try? FolderLock(data, name: lock)) != nil else { return }
    let kept = Set(records.map { String($0.row.file.dropFirst(Self.folderName.count + 1)) })
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where !kept.contains(name) {
      let isOurs = name.wholeMatch(of: /[0-9a-f]{32}\.flac|\.[0-9a-f]{32}\.part/) != nil
      if isOurs { try? FileManager.default.removeItem(at: folder.appending(path: name)) }
    }
  }
}
