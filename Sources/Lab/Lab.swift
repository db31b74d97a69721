import Basics
import Foundation
import HTTP
import Interface
import Logging
import Records
import Study

/// The web app: a study on stage, seen by participants and by the experimenter.
public struct Lab: Sendable {
  private let participant: ParticipantRoutes
  private let experimenter: ExperimenterRoutes
  private let watch: WatchRoutes
  private let programme: Programme
  private let traffic = Traffic()
  private let logger: Logger
  private let basePath: [String]
  private let door: LabDoor
  private let records: Records
  private let data: URL

  /// - Parameters:
  ///   - pages: the folder `Public`.
  ///   - report: writes report.html into a folder, from the exported tables in the folder `export` of a data folder; nil if no
  ///     report can be made.
  ///   - basePath: the parts of the path under which a web server in front serves the study, if it does not remove it.
  ///   - data: the study's folder for what is made at run time.
  ///   - secret: the experimenter's secret.
  ///   - sounds: the address from which a web server sends trials' sounds, and the folder in which it finds them; nil if
  ///     they are sent from here. The secret for checking addresses is in the file `sounds-secret` of the data folder.
  public init(
    stage: Stage, records: Records, pages: URL, data: URL, secret: String, sounds: (base: String, folder: URL)? = nil,
    report: (@Sendable (_ data: URL, _ folder: URL) throws -> Void)? = nil, basePath: [String] = [], logger: Logger
  ) throws {
    var stage = stage
    stage.design.version = try records.register(
      version: stage.design.version, design: stage.design.designVersion, study: stage.name,
      scaleMin: stage.ratingScale.minimum, scaleMax: stage.ratingScale.maximum)
    if stage.previewed == nil { stage.signature = try Signature(stage.definition, data: data) }
    if let sounds {
      let key = try records.key("sounds")
      let secret = try ExperimenterSecret.load(
        data.appending(path: "sounds-secret"),
        otherwise: Secret.urlText(Secret.authenticate("secret", key: key).prefix(24)))
      stage.depot = try Depot(
        base: sounds.base, folder: sounds.folder, secret: secret.text, key: key, size: Parcels.size(stage))
    }
    programme = Programme(stage, versions: try records.versions(ofDesign: stage.design.designVersion))
    let doorkeeper = try Doorkeeper(programme: programme, records: records)
    let door = try LabDoor(records: records, folder: data, secret: secret)
    let check = try HeadphoneCheck(
      stage.definition.headphones, folder: data.appending(path: "headphones"),
      loudness: stage.definition.sounds.queryLoudness,
      doorkeeper: doorkeeper)
    let assets = Folder(pages)
    participant = ParticipantRoutes(
      programme: programme, records: records, doorkeeper: doorkeeper, check: check,
      parcels: Parcels(stage: stage, doorkeeper: doorkeeper, check: check, now: records.now), pages: assets,
      page: PublicPage(pages.appending(path: "index.html"), assets: assets))
    let disk = DiskWatch(data, logger: logger)
    let exports = try ExportFolder(data.appending(path: "export"), programme: programme, records: records)
    experimenter = ExperimenterRoutes(
      programme: programme, records: records, doorkeeper: doorkeeper, door: door,
      page: PublicPage(pages.appending(path: "lab.html"), assets: assets),
      exports: exports, traffic: traffic, counted: Counted(records),
      report: ReportDesk(data.appending(path: "findings"), exports: exports, records: records, make: report),
      disk: disk)
    watch = WatchRoutes(records: records, door: door, traffic: traffic, disk: disk)
    self.basePath = basePath
    self.door = door
    self.records = records
    self.data = data
    self.logger = logger
  }

  /// The study version under which sessions begin: an earlier one if only texts have changed since.
  public var version: String { programme.now.design.version }

  /// Takes over the texts of a study that was read again, and how its listeners come and go. Sessions in progress continue.
  /// - Returns: false if its design is different; then nothing changes.
  /// - Throws: a `Problem` if a redirect is to be signed, and there is no key; then nothing changes.
  public func reword(_ design: StudyDesign) throws -> Bool {
    try programme.reword(design) { try Signature($0, data: data) }
  }

  /// - Throws: a `Refusal` if nothing can be saved.
  func checkReady() throws { try watch.check() }

  /// How the study is going, for the overview of a house of several studies.
  func entry(named name: String) -> House.Entry {
    let (saves, errors) = traffic.counts
    let stage = programme.now
    var entry = House.Entry(name: name, title: stage.definition.title, saves: saves, errors: errors)
    do {
      if let outage = records.alarm() { throw Refusal.saving(outage) }
      let overview = try records.overview(limit: 0)
      let places = try stage.places.map { try records.standing(of: $0, version: stage.design.version) }
      entry.closed = try stage.closed(records)?.why.rawValue
      (entry.wanted, entry.passed) = (places?.wanted, places?.passed)
      (entry.joined, entry.active, entry.finished) = (overview.joined, overview.active, overview.finished)
    } catch { entry.trouble = (error as? Refusal)?.message ?? "it cannot be read" }
    return entry
  }

  /// The handler of each address of the interface.
  private var handlers: [(endpoint: Endpoint, handler: Handler)] {
    [
      (.shell, participant.shell), (.session, participant.shell), (.asset, participant.asset),
      (.look, participant.look),
      (.worker, participant.worker),
      (.study, participant.study), (.join, participant.join), (.comeBack, participant.comeBack),
      (.leave, participant.leave),
      (.state, participant.session), (.withdraw, participant.withdraw),
      (.respond, participant.respond), (.events, participant.events), (.refused, participant.refused),
      (.headphones, participant.headphones), (.sounds, participant.trialSounds),
      (.lab, experimenter.shell), (.signIn, { try door.signIn($0) }), (.signOut, { try door.signOut($0) }),
      (.status, experimenter.status), (.pause, experimenter.pause),
      (.exclude, experimenter.exclude), (.find, experimenter.find), (.timeline, experimenter.timeline),
      (.pages, experimenter.pages), (.purge, experimenter.purge), (.message, experimenter.message),
      (.makeReport, experimenter.makeReport), (.report, experimenter.showReport),
      (.blockReport, experimenter.showBlockReport),
      (.export, experimenter.download),
      (.health, watch.health), (.ready, watch.ready), (.metrics, watch.metrics),
    ]
  }

  /// The addresses of the interface: method and pattern.
  public var addresses: [String] { handlers.map { "\($0.endpoint.method.rawValue) \($0.endpoint.path)" } }

  var routes: Router {
    Router(
      handlers.map { endpoint, handler in
        switch endpoint.method {
        case .get: .get(endpoint.path, handler)
        case .post: .post(endpoint.path, handler)
        }
      })
  }

  /// The routes and their middleware, outermost first.
  public var handler: Handler {
    let stack: [any Middleware] = [
      AccessLog(logger),
      traffic,
      PageHeaders(),
      Refusals(logger, translate: Refusal.of),
      BasePath(basePath),
      SignInFirst(),
    ]
    return stack.around(routes.handle)
  }

  /// Everything comes from this server. It may not be framed or cached, its type may not be guessed, it sends no referrer, and
  /// it gets none of the machine's devices.
  public static let securityHeaders = [
    Header("Content-Security-Policy", PageHeaders.policy(frames: [])),
    Header("X-Content-Type-Options", "nosniff"),
    PageHeaders.noFrames,
    Header("Referrer-Policy", "no-referrer"),
    Header("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    Header("Cross-Origin-Opener-Policy", "same-origin"),
    Header("Cross-Origin-Resource-Policy", "same-origin"),
    Header("Cache-Control", "no-store"),
  ]
}

/// Sets `Lab.securityHeaders` on every answer that does not set them itself. An answer with its own policy says there who
/// may frame it.
struct PageHeaders: Middleware {
  /// - Parameters:
  ///   - frames: the sites that may show it in a frame.
  ///   - sounds: another site from which sounds come.
  static func policy(frames: [String], sounds: String? = nil) -> String {
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
      + (sounds.map { "connect-src 'self' \($0); " } ?? "")
      + "frame-ancestors " + (frames.isEmpty ? "'none'" : frames.joined(separator: " "))
  }

  /// The equivalent of `frame-ancestors` for browsers that do not know it.
  static let noFrames = Header("X-Frame-Options", "DENY")
  static let policyName = "Content-Security-Policy"

  func around(_ next: @escaping Handler) -> Handler {
    { request in
      try next(request).map { result in
        result.map { response in
          var response = response
          let isFramed = response.headers.contains { $0.name == PageHeaders.policyName }
          for header in Lab.securityHeaders where !isFramed || header != PageHeaders.noFrames {
            response.setDefault(header.name, header.value)
          }
          return response
        }
      }
    }
  }
}
