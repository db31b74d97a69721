import Basics
import Foundation
import HTTP
import Logging
import Records

/// The web app: a study on stage, seen by participants and by the experimenter.
public struct Lab: Sendable {
  private let participant: ParticipantRoutes
  private let experimenter: ExperimenterRoutes
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
    try records.register(
      version: stage.design.version, study: stage.name, scaleMin: stage.definition.scale.minimum,
      scaleMax: stage.definition.scale.maximum)
    let doorkeeper = try Doorkeeper(stage: stage, records: records, secret: secret)
    let check = try HeadphoneCheck(
      folder: data.appending(path: "headphones"), loudness: stage.definition.sounds.queryLoudness,
      doorkeeper: doorkeeper)
    participant = ParticipantRoutes(
      stage: stage, records: records, doorkeeper: doorkeeper, check: check,
      parcels: Parcels(stage: stage, doorkeeper: doorkeeper, check: check), pages: Folder(pages),
      page: Page(pages.appending(path: "index.html")))
    experimenter = ExperimenterRoutes(
      stage: stage, records: records, doorkeeper: doorkeeper, page: Page(pages.appending(path: "lab.html")),
      exports: try ExportFolder(data.appending(path: "export"), stage: stage, records: records), tally: tally)
    self.basePath = basePath
    self.logger = logger
  }

  /// All that can be asked for.
  var routes: Router {
    Router([
      // Pages
      .get("/", participant.shell),
      .get("/t/:token", participant.shell),
      .get("/assets/*path", participant.asset),
      .get("/service-worker.js", participant.worker),
      // Taking part
      .get("/api/study", participant.study),
      .post("/api/sessions", participant.join),
      .get("/api/sessions/:token", participant.session),
      .post("/api/sessions/:token/responses", participant.respond),
      .post("/api/sessions/:token/events", participant.events),
      .post("/api/sessions/:token/refused", participant.refused),
      // Sounds
      .get("/t/:token/audio/headphones/:round", participant.headphones),
      .get("/t/:token/audio/:trial", participant.trialSounds),
      // The experimenter
      .get("/lab", experimenter.shell),
      .get("/lab/api/status", experimenter.status),
      .post("/lab/api/pause", experimenter.pause),
      .get("/lab/export/:name", experimenter.download),
    ])
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
