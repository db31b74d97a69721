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
  private let tally = Tally()
  private let logger: Logger
  private let basePath: [String]

  /// - Parameters:
  ///   - pages: the folder `Public`.
  ///   - basePath: the parts of the path under which a web server in front serves the study, where it does not cut it off.
  ///   - data: the study's folder for what is made at run time.
  ///   - secret: what lets the experimenter in.
  public init(
    stage: Stage, records: Records, pages: URL, data: URL, secret: String, basePath: [String] = [], logger: Logger
  ) throws {
    var stage = stage
    stage.design.version = try records.register(
      version: stage.design.version, design: stage.design.designVersion, study: stage.name,
      scaleMin: stage.ratingScale.minimum, scaleMax: stage.ratingScale.maximum)
    if stage.previewed == nil { stage.signature = try Signature(stage.definition, data: data) }
    programme = Programme(stage, versions: try records.versions(ofDesign: stage.design.designVersion))
    let doorkeeper = try Doorkeeper(programme: programme, records: records, secret: secret)
    let check = try HeadphoneCheck(
      stage.definition.headphones.kind, folder: data.appending(path: "headphones"),
      loudness: stage.definition.sounds.queryLoudness,
      doorkeeper: doorkeeper)
    let assets = Folder(pages)
    participant = ParticipantRoutes(
      programme: programme, records: records, doorkeeper: doorkeeper, check: check,
      parcels: Parcels(stage: stage, doorkeeper: doorkeeper, check: check), pages: assets,
      page: Page(pages.appending(path: "index.html"), assets: assets))
    experimenter = ExperimenterRoutes(
      programme: programme, records: records, doorkeeper: doorkeeper,
      page: Page(pages.appending(path: "lab.html"), assets: assets),
      exports: try ExportFolder(data.appending(path: "export"), programme: programme, records: records), tally: tally,
      counted: Counted(records))
    watch = WatchRoutes(records: records, doorkeeper: doorkeeper, tally: tally, folder: data)
    self.basePath = basePath
    self.logger = logger
  }

  /// The study version under which sessions begin: an earlier one where only words were changed since.
  public var version: String { programme.now.design.version }

  /// Takes over the words of a study that was read again, and how its listeners come and go. Sessions under way go on.
  /// - Returns: false, and all stays as it was, where its design is another.
  public func reword(_ design: StudyDesign) -> Bool { programme.reword(design) }

  /// What answers at each address of the interface.
  private var handlers: [(endpoint: Endpoint, handler: Handler)] {
    [
      (.shell, participant.shell), (.session, participant.shell), (.asset, participant.asset),
      (.look, participant.look),
      (.worker, participant.worker),
      (.study, participant.study), (.join, participant.join), (.leave, participant.leave),
      (.state, participant.session), (.withdraw, participant.withdraw),
      (.respond, participant.respond), (.events, participant.events), (.refused, participant.refused),
      (.headphones, participant.headphones), (.sounds, participant.trialSounds),
      (.lab, experimenter.shell), (.status, experimenter.status), (.pause, experimenter.pause),
      (.exclude, experimenter.exclude),
      (.export, experimenter.download),
      (.health, watch.health), (.ready, watch.ready), (.metrics, watch.metrics),
    ]
  }

  /// The addresses that are answered: method and pattern.
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

  /// The routes and what stands around them, outermost first.
  public var handler: Handler {
    let stack: [any Middleware] = [
      AccessLog(logger),
      tally,
      DefaultHeaders(Lab.securityHeaders),
      Refusals(logger, translate: Refusal.of),
      BasePath(basePath),
    ]
    return stack.around(routes.handle)
  }

  /// Everything comes from this server and may not be framed, sniffed, referred from, or given the machine's devices.
  static let securityHeaders = [
    Header(
      "Content-Security-Policy",
      "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        + "frame-ancestors 'none'"),
    Header("X-Content-Type-Options", "nosniff"),
    Header("X-Frame-Options", "DENY"),
    Header("Referrer-Policy", "no-referrer"),
    Header("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    Header("Cross-Origin-Opener-Policy", "same-origin"),
    Header("Cross-Origin-Resource-Policy", "same-origin"),
    Header("Cache-Control", "no-store"),
  ]
}
