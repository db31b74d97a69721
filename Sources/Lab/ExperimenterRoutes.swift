import Basics
import Foundation
import HTTP
import Interface
import Records

/// What the experimenter's browser asks for.
struct ExperimenterRoutes: Sendable {
  let programme: Programme
  let records: Records
  let doorkeeper: Doorkeeper
  let page: Page
  let exports: ExportFolder
  let tally: Tally
  let counted: Counted

  /// The page; with the secret in the query, a cookie instead and the page's address without the secret.
  ///
  /// The cookie names no path, which a web server in front may have put below one of its own: the browser keeps it for
  /// the folder in which the page stands.
  func shell(_ request: Request) throws -> Answer {
    if let secret = request.query["secret"] {
      guard doorkeeper.isSecret(secret) else { throw Refusal.experimenterOnly }
      var response = Response.redirect(to: "\(request.wayToRoot)lab")
      response.headers.append(
        Header(
          "Set-Cookie",
          "\(Doorkeeper.cookieName)=\(doorkeeper.cookie); HttpOnly; SameSite=Strict; Max-Age=31536000"))
      return .now(response)
    }
    try doorkeeper.checkExperimenter(request)
    return .now(try page.response(to: request))
  }

  func status(_ request: Request) throws -> Answer {
    try doorkeeper.checkExperimenter(request)
    if let alarm = records.alarm() { throw Refusal.displaced(alarm) }
    let (tally, records, stage) = (tally, records, programme.now)
    return .later { finish in
      counted.overview { result in
        finish(
          Result {
            let (overview, age) = try result.get()
            let places = try stage.places.map { try records.standing(of: $0, version: stage.design.version) }
            let (saves, errors) = tally.counts
            return .json(
              StatusView(
                stage, overview, countedAgo: age, closed: try stage.closed(records)?.why, places: places, saves: saves,
                errors: errors))
          })
      }
    }
  }

  /// What the experimenter sends.
  private func decode<Body: Decodable>(_ type: Body.Type, _ request: Request) throws -> Body {
    try doorkeeper.checkExperimenter(request)
    // A form of another site cannot send this type, whatever its cookies.
    guard request.header("content-type")?.lowercased().hasPrefix("application/json") == true else {
      throw Refusal(415, "json_expected", "The body must be JSON.", mend: "Send Content-Type: application/json.")
    }
    return try Intake.decode(type, request)
  }

  func exclude(_ request: Request) throws -> Answer {
    let body = try decode(ExclusionBody.self, request)
    let reason = Name.read(body.reason)
    guard !body.excluded || !reason.isEmpty, reason.unicodeScalars.count <= Records.longestReason,
      !reason.contains(where: \.isNewline)
    else {
      throw Refusal.invalid(
        "A reason is needed, in one line.", mend: "Write at most \(Records.longestReason) characters.")
    }
    return .later { finish in
      records.exclude(session: body.session, body.excluded, reason: reason) { result in
        finish(result.mapError { $0 as? RecordsError == .gone ? Refusal.notFound : $0 }.map { .json(KeptView()) })
      }
    }
  }

  func pause(_ request: Request) throws -> Answer {
    let body = try decode(Pause.self, request)
    return .later { finish in
      records.setPaused(body.paused) { finish($0.map { .json(body) }) }
    }
  }

  /// A table of the export, or all of it, made anew for each download.
  func download(_ request: Request) throws -> Answer {
    try doorkeeper.checkExperimenter(request)
    let name = request.parameter("name")
    if name == "invitations.csv" {
      let count = min(100_000, max(1, request.query["count"].flatMap { Int($0) } ?? 1000))
      let lines = (1...count).map { "\($0),?invite=\(doorkeeper.invitation($0))\n" }
      var response = Response.text("number,link\n" + lines.joined(), type: "text/csv; charset=utf-8")
      response.headers.append(Header("Content-Disposition", "attachment; filename=\"\(name)\""))
      return .now(response)
    }
    let isKnown =
      exports.names.contains(name) || name == ExportFolder.archive || Submissions(file: name, records: records) != nil
    guard isKnown else { throw Refusal.notFound }
    return .later { finish in exports.file(name, for: request, finish) }
  }
}

/// Makes exports, one after the other, off the server's threads.
final class ExportFolder: Sendable {
  /// All tables of one moment. Tables that are downloaded one by one are of a moment each.
  static let archive = "export.zip"

  private let programme: Programme
  private let records: Records
  private let url: URL
  private let folder: Folder
  private let queue = DispatchQueue(label: "export")

  init(_ url: URL, programme: Programme, records: Records) throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    self.url = url
    folder = Folder(url)
    self.programme = programme
    self.records = records
  }

  private var export: Export {
    let stage = programme.now
    return Export(
      records,
      of: .init(name: stage.name, design: stage.design, stimuli: stage.stimuliTable, rankings: stage.rankingsTable))
  }

  var names: [String] { export.fileNames }

  func file(_ name: String, for request: Request, _ finish: @escaping Answer.Finish) {
    queue.async { [self] in
      finish(
        Result {
          let export = export
          if name == Self.archive {
            // Apart from what `earshot export` may write just then.
            let apart = url.appending(path: "together")
            try export.write(to: apart)
            try ZipArchive.write(export.fileNames.map { apart.appending(path: $0) }, to: url.appending(path: name))
          } else if let submissions = Submissions(file: name, records: records) {
            try submissions.write(to: url.appending(path: name))
          } else {
            try export.write(to: url)
          }
          var response = try folder.file([name], for: request)
          response.headers.append(Header("Content-Disposition", "attachment; filename=\"\(name)\""))
          return response
        })
    }
  }
}
