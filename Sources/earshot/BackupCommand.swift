import ArgumentParser
import Basics
import Foundation
import Records
import RecordsSQLite

/// Where a study's data are: the folder of `--data`, or `data` in the study's folder.
struct DataFolder {
  let url: URL

  init(study: String?, data: String?) throws {
    url =
      data.map { URL(filePath: $0, directoryHint: .isDirectory).standardizedFileURL }
      ?? URL(filePath: study ?? "", directoryHint: .isDirectory).standardizedFileURL.appending(path: "data")
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw Problem(
        "there is no such data folder", at: Place(file: url.path),
        mend: "Name the study whose data it is, or the folder itself with --data.")
    }
  }
}

struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Back up a study's records, served or not.",
    usage: "earshot backup <study> <to>\nearshot backup --data <folder> <to>",
    discussion: """
      Makes a folder with a consistent copy of the records, the experimenter's secret and the table of stimuli. You \
      can run it while the study is served: it contains everything acknowledged before it starts. The copy is checked \
      before the folder appears under its name. A plain copy of the running file (cp) is not a backup: it lacks the \
      latest answers.

      Only you can read it, like the records themselves. 'earshot restore' brings it back.

      Examples:
        earshot backup my-study backups/friday
        earshot backup --data /srv/study-data /mnt/backups/$(date +%F)
      """)

  @Argument(
    help: ArgumentHelp("The study's folder, unless --data is given, and the folder to make.", valueName: "words"))
  var words: [String]

  @Option(help: ArgumentHelp("The data folder (default: data in the study's folder).", valueName: "folder"))
  var data: String?

  func validate() throws {
    guard words.count == 2 || data != nil && words.count == 1 else {
      throw ValidationError("Name the study and the folder to make: earshot backup my-study backups/friday")
    }
  }

  func run() throws {
    OwnFiles.only()
    let source = try DataFolder(study: words.count == 2 ? words[0] : nil, data: data)
    let target = URL(filePath: words[words.count - 1], directoryHint: .isDirectory).standardizedFileURL
    try Backup.make(of: source.url, to: target)
    print("The records are in \(target.path), checked and intact.")
  }
}

struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Restore a backup.",
    usage: """
      earshot restore <from> <study> [--replace] [--above <number>]
      earshot restore <from> --data <folder> [--replace] [--above <number>]
      """,
    discussion: """
      Checks the backup and puts it in place of the records. Stop the server first. With --replace, existing records are \
      moved aside, never deleted; participants' numbers in them are not used again. If they are so damaged that the numbers \
      cannot be read, say with --above up to which number they may have been used.

      Example:
        earshot restore backups/friday my-study --replace
      """)

  @Argument(help: ArgumentHelp("The backup, and the study's folder unless --data is given.", valueName: "words"))
  var words: [String]

  @Option(help: ArgumentHelp("The data folder (default: data in the study's folder).", valueName: "folder"))
  var data: String?

  @Flag(help: "Move existing records aside.")
  var replace = false

  @Option(
    help: ArgumentHelp(
      "Use no participant's number up to this one again, if existing records cannot be read.", valueName: "number"))
  var above: Int?

  func validate() throws {
    guard words.count == 2 || data != nil && words.count == 1 else {
      throw ValidationError("Name the backup and the study: earshot restore backups/friday my-study")
    }
    guard (0...999_999_999).contains(above ?? 0) else {
      throw ValidationError("--above is a participant's number, from 0 to 999999999.")
    }
  }

  func run() throws {
    OwnFiles.only()
    let place =
      try words.count == 2
      ? StudyPlace(study: words[1], data: data).data : URL(filePath: data ?? "", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let backup = URL(filePath: words[0], directoryHint: .isDirectory).standardizedFileURL
    let aside = try Backup.restore(backup, to: place.standardizedFileURL, replaces: replace, above: above)
    print("The records of \(backup.path) are now in \(place.standardizedFileURL.path).")
    if let aside { print("Those that were there before are in \(aside.path).") }
  }
}

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check that a study's data are intact.",
    usage: "earshot doctor <study>\nearshot doctor --data <folder>\nearshot doctor --records <address>",
    discussion: """
      Checks the records (written by this version, intact, no row refers to a missing row), the log that a kill leaves \
      next to them, the prepared sounds against their hashes, and who may read all that. It changes nothing, and you can \
      run it while the study is served. Exit status 1 means that something is wrong. 'earshot serve' makes the quick \
      checks at each start.

      For records in PostgreSQL, it checks the version of the tables, the database's settings for durability, that no \
      row refers to a missing row, and that the counts match the rows; and the sounds, if you name a data folder too.

      Examples:
        earshot doctor my-study
        earshot doctor --records postgresql://earshot@db.example.org/demo
      """)

  @Argument(help: ArgumentHelp("The study's folder.", valueName: "study"))
  var study: String?

  @Option(help: ArgumentHelp("The data folder (default: data in the study's folder).", valueName: "folder"))
  var data: String?

  @Option(help: ArgumentHelp(RecordsPlace.help, valueName: "address"))
  var records: String?

  func validate() throws {
    guard study != nil || data != nil || records != nil else {
      throw ValidationError("Name the study, its data folder with --data, or its database with --records.")
    }
  }

  func run() throws {
    var findings: [CheckResult] = []
    if let records { findings += RecordsPlace(records).checkup() }
    if study != nil || data != nil { try look(DataFolder(study: study, data: data).url, &findings) }
    for finding in findings { print("\(finding.problems.isEmpty ? "good " : "WRONG") \(finding.what)") }
    let problems = findings.flatMap(\.problems)
    guard problems.isEmpty else { throw Problems(problems) }
  }

  private func look(_ folder: URL, _ findings: inout [CheckResult]) {
    let file = folder.appending(path: "records.sqlite")
    if [file.path, file.path + "-wal"].contains(where: { FileManager.default.fileExists(atPath: $0) }) {
      findings += Checkup.full(file)
    } else if records == nil {
      print("no records yet")
    }
    findings.append(CheckResult("prepared sounds as their table says", Self.sounds(folder)))
    findings.append(CheckResult("read by their owner only", Self.open(folder)))
  }

  /// More sounds than this are summed up in one problem.
  private static let named = 3

  /// Prepared files that are missing or have changed since their table was written.
  private static func sounds(_ folder: URL) -> [Problem] {
    let table = folder.appending(path: "stimuli.csv")
    guard FileManager.default.fileExists(atPath: table.path) else { return [] }
    do {
      let rows = try TableReader.rows(table)
      let wrong = rows.compactMap { row in
        let file = folder.appending(path: row["file"] ?? "")
        return (try? ContentHash.ofFile(file)) == row["sha256"] ? nil : (stimulus: row["stimulus"] ?? "", file: file)
      }
      let mend = "Delete what is there: the next start prepares it again, so that all listeners hear the same."
      guard wrong.count > named else {
        return wrong.map {
          Problem(
            "the prepared sound of '\($0.stimulus)' is missing or changed", at: Place(file: $0.file.path), mend: mend)
        }
      }
      let names = wrong.prefix(named).map { "'\($0.stimulus)'" }.joined(separator: ", ")
      return [
        Problem(
          "\(wrong.count) of \(rows.count) prepared sounds are missing or changed: \(names) and \(wrong.count - named) more",
          at: Place(file: table.path), mend: mend)
      ]
    } catch {
      return [
        (error as? Problem)
          ?? Problem("the table cannot be read", at: Place(file: table.path), mend: "Delete it and prepare again.")
      ]
    }
  }

  /// Files that others on this machine may read.
  private static func open(_ folder: URL) -> [Problem] {
    ["", "records.sqlite", "records.sqlite-wal", "records.sqlite-shm", "secret", "export"].compactMap { name in
      let path = name.isEmpty ? folder.path : folder.appending(path: name).path
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return nil }
      return Problem(
        "other users of this machine can read it", at: Place(file: path),
        mend: "Run chmod go= '\(path)'. 'earshot serve' does so, too.")
    }
  }
}
