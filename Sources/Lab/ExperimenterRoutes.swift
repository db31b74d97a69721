import Basics
import Foundation
import HTTP
import Interface
import Records

/// The addresses that the experimenter's browser uses.
struct ExperimenterRoutes: Sendable {
  let programme: Programme
  let records: Records
  let doorkeeper: Doorkeeper
  let door: LabDoor
  let page: PublicPage
  let exports: ExportFolder
  let traffic: Traffic
  let counted: Counted
  let report: ReportDesk
  let disk: DiskWatch
  /// Runs what reads every answer, one request after the other, outside the server's threads.
  private let reading = DispatchQueue(label: "pages", qos: .utility)

  func shell(_ request: Request) throws -> Answer { try door.shell(page, request) }

  func status(_ request: Request) throws -> Answer {
    let visitor = try door.visitor(request)
    if let outage = records.alarm() { throw Refusal.saving(outage) }
    let (traffic, records, stage, report, disk) = (traffic, records, programme.now, report, disk)
    return .later { finish in
      counted.overview { result in
        finish(
          Result {
            let (overview, age) = try result.get()
            let places = try stage.places.map { try records.standing(of: $0, version: stage.design.version) }
            let (saves, errors) = traffic.counts
            return .json(
              StatusView(
                stage, overview, countedAgo: age, closed: try stage.closed(records)?.why, places: places, saves: saves,
                errors: errors, visitor, message: try records.message() ?? "", report: report.standing,
                disk: disk)
            ).tagged(for: request)
          })
      }
    }
  }

  func exclude(_ request: Request) throws -> Answer {
    let visitor = try door.owner(request)
    let body = try Intake.decode(ExclusionBody.self, request)
    let reason = Name.read(body.reason)
    guard !body.excluded || !reason.isEmpty, reason.unicodeScalars.count <= Records.longestReason,
      !reason.contains(where: \.isNewline)
    else {
      throw Refusal.invalid(
        "Please give a reason, in one line.", mend: "Write at most \(Records.longestReason) characters.")
    }
    return .later { finish in
      records.exclude(session: body.session, body.excluded, reason: reason, by: visitor.name) { result in
        finish(result.mapError { $0 as? RecordsError == .gone ? Refusal.deleted : $0 }.map { .json(KeptView()) })
      }
    }
  }

  func pause(_ request: Request) throws -> Answer {
    try door.owner(request)
    let body = try Intake.decode(Pause.self, request)
    return .later { finish in
      records.setPaused(body.paused) { finish($0.map { .json(body) }) }
    }
  }

  /// If there are many people, those that a text matches.
  func find(_ request: Request) throws -> Answer {
    _ = try door.visitor(request)
    let text = (request.query["text"] ?? "").trimmingCharacters(in: .whitespaces)
    return .now(.json(try records.participants(whoHold: String(text.prefix(200)))))
  }

  func timeline(_ request: Request) throws -> Answer {
    _ = try door.visitor(request)
    guard let session = Int(request.parameter("number")) else { throw Refusal.notFound }
    guard let timeline = try records.timeline(session: session) else {
      throw Refusal.deleted
    }
    return .now(.json(timeline))
  }

  func pages(_ request: Request) throws -> Answer {
    _ = try door.visitor(request)
    let records = records
    return .later { finish in
      reading.async { finish(Result { .json(try records.pageFigures()) }) }
    }
  }

  func purge(_ request: Request) throws -> Answer {
    let visitor = try door.owner(request)
    let body = try Intake.decode(PurgeBody.self, request)
    guard let timeline = try records.timeline(session: body.session) else { throw Refusal.deleted }
    guard timeline.participant.participant == body.participant else {
      throw Refusal.invalid("That is not the participant's number.", mend: "Type the number that the list shows.")
    }
    let doorkeeper = doorkeeper
    return .later { finish in
      records.purge(session: body.session, by: visitor.name) { result in
        doorkeeper.forget(session: body.session)
        finish(result.mapError { $0 as? RecordsError == .gone ? Refusal.deleted : $0 }.map { _ in .json(KeptView()) })
      }
    }
  }

  func message(_ request: Request) throws -> Answer {
    try door.owner(request)
    let body = try Intake.decode(MessageBody.self, request)
    let text = String(Intake.trimmed(try Intake.text(body.message, "message", atMost: 500)))
    return .later { finish in records.setMessage(text) { finish($0.map { .json(KeptView()) }) } }
  }

  func makeReport(_ request: Request) throws -> Answer {
    let visitor = try door.visitor(request)
    _ = try Intake.decode(MakeReportBody.self, request)
    return .later { finish in report.ask(by: visitor.name, finish) }
  }

  func showReport(_ request: Request) throws -> Answer { try shown(request) }

  func showBlockReport(_ request: Request) throws -> Answer { try shown(request, block: request.parameter("name")) }

  /// A report is in a sandbox, so the browser treats its links as coming from another site and sends no cookie. It therefore
  /// gets a page of the lab, which requests the same address again with the cookie.
  private func shown(_ request: Request, block: String? = nil) throws -> Answer {
    do { _ = try door.visitor(request) } catch {
      guard request.header("sec-fetch-site") == "cross-site", request.header("sec-fetch-mode") == "navigate",
        request.query["again"] == nil
      else { throw error }
      return .now(
        .text(
          "<!doctype html><meta http-equiv=\"refresh\" content=\"0; url=?again=1\"><title>Report</title>",
          type: "text/html; charset=utf-8"))
    }
    return .now(try report.response(to: request, block: block))
  }

  /// A table of the export, or all of it, made for each download.
  func download(_ request: Request) throws -> Answer {
    let visitor = try door.visitor(request)
    let name = request.parameter("name")
    if name == "invitations.csv" {
      guard visitor.role == .owner else { throw Refusal.ownerOnly }
      let count = min(100_000, max(1, request.query["count"].flatMap { Int($0) } ?? 1000))
      let lines = (1...count).map { "\($0),?invite=\(doorkeeper.invitation($0))\n" }
      var response = Response.text("number,link\n" + lines.joined(), type: "text/csv; charset=utf-8")
      response.headers.append(Header("Content-Disposition", "attachment; filename=\"\(name)\""))
      return .now(response)
    }
    let isKnown =
      exports.names.contains(name) || name == ExportFolder.archive || exports.submissions(name) != nil
    guard isKnown else { throw Refusal.notFound }
    return .later { finish in exports.file(name, for: request, finish) }
  }
}

/// Makes exports, one after the other, outside the server's threads. What was handed out is removed at once, so that nothing
/// of somebody who has everything deleted stays in it.
final class ExportFolder: Sendable {
  /// All tables from the same moment. Tables that are downloaded one by one are each from a different moment.
  static let archive = "export.zip"

  private let programme: Programme
  private let records: Records
  private let url: URL
  private let queue = DispatchQueue(label: "export")

  init(_ url: URL, programme: Programme, records: Records) throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    self.url = url
    self.programme = programme
    self.records = records
    // What earlier versions kept, and what a kill left behind.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    for name in names
    where ["reported", "together", Self.archive].contains(name) || name.hasPrefix(Self.mark)
      || submissions(name) != nil
    {
      try? FileManager.default.removeItem(at: url.appending(path: name))
    }
  }

  /// How the names of folders begin whose files are handed out.
  private static let mark = ".handed-out-"

  /// Makes files in a folder of their own, which is gone when they have been used.
  private func apart<T>(_ use: (URL) throws -> T) throws -> T {
    let folder = url.appending(path: Self.mark + UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return try use(folder)
  }

  private var export: Export {
    let stage = programme.now
    return Export(
      records,
      of: .init(name: stage.name, design: stage.design, stimuli: stage.stimuliTable, rankings: stage.rankingsTable))
  }

  var names: [String] { export.fileNames }

  /// All tables as they are at one moment, in the folder `export` of the folder that `use` gets.
  func forReport(_ use: (URL) throws -> Void) throws {
    try apart { folder in
      _ = try export.write(to: folder.appending(path: "export"))
      try use(folder)
    }
  }

  /// nil if no such list has this file name.
  func submissions(_ name: String) -> Submissions? {
    Submissions(file: name, records: records, of: programme.now.design.definition)
  }

  func file(_ name: String, for request: Request, _ finish: @escaping Answer.Finish) {
    queue.async { [self] in
      finish(
        Result {
          try apart { folder in
            if let submissions = submissions(name) {
              try submissions.write(to: folder.appending(path: name))
            } else {
              let export = export
              try export.write(to: folder)
              if name == Self.archive {
                try ZipArchive.write(
                  export.fileNames.map { folder.appending(path: $0) }, to: folder.appending(path: name))
              }
            }
            // It is open from here on, so that it can be sent after it was removed.
            var response = try Folder(folder).file([name], for: request, cache: "no-store")
            response.headers.append(Header("Content-Disposition", "attachment; filename=\"\(name)\""))
            return response
          }
        })
    }
  }
}
