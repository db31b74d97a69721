import Agreement
import Basics
import Foundation
import HTTP
import Lab
import Logging
import Ratings
import Records
import Stimuli
import Study
import Trials

/// A study that is open: its records and its web app, put together in one place.
struct OpenStudy {
  /// The study as read at the start, under the version that its records use.
  private(set) var design: StudyDesign
  /// Sessions that cannot continue, since they began under another design.
  let stranded: (all: Int, active: Int)
  let prepared: PreparedStimuli
  let lab: Lab
  let secret: ExperimenterSecret
  let place: StudyPlace
  private let records: Records
  private let logger: Logger
  private let lock: FolderLock
  /// nil if no other server shares these records.
  private let shared: SharedWords?

  /// Prepares the sounds, with progress.
  /// - Parameters:
  ///   - basePath: see `Lab`.
  ///   - sounds: as of `Lab`.
  ///   - preview: the participant whose session is shown, if it is a preview.
  ///   - among: text after "preparing sounds" that distinguishes it from others that are opened with it.
  /// - Throws: a `Problem` if another server has the data folder, or the problems of the study.
  init(
    _ place: StudyPlace, basePath: [String] = [], sounds: (base: String, folder: URL)? = nil, preview: Int? = nil,
    among: String = "", logger: Logger
  ) throws {
    guard let lock = try FolderLock(place.data, name: "serving.lock") else {
      throw Problem(
        "this data folder is already being served", at: Place(file: place.data.path),
        mend: "Stop the other server first, or give this one a folder of its own with --data.")
    }
    self.lock = lock
    (self.place, self.logger) = (place, logger)
    let reading = StudyReading(folder: place.folder)
    guard var design = reading.design else { throw Problems(reading.errors) }
    let bar = ProgressBar("preparing sounds\(among)")
    prepared = try PreparedStimuli.prepare(design, into: place.data, isServing: true, progress: bar.handler)
    bar.finish()
    records = try place.records.open(isServed: true)
    if place.records.isShared, let other = try records.studies().first(where: { $0 != place.name }) {
      throw Problem(
        "this database contains the records of the study '\(other)'", at: Place(file: place.records.shown),
        mend:
          "Give each study a database of its own. If this is the same study and its folder was renamed, give the folder its old name again."
      )
    }
    try Self.notePlan(place, records)
    shared =
      place.records.isShared && preview == nil
      ? try SharedWords(reading, of: design, folder: place.folder, records: records, logger: logger) : nil
    if let words = try shared?.news(of: design) { design = words }
    // Who knows the secret of one server is let in by all.
    secret = try ExperimenterSecret.load(
      place.data.appending(path: "secret"),
      otherwise: place.records.isShared ? Secret.urlText(records.key("secret").prefix(24)) : nil)
    var stage = try Stage(folder: place.folder, design: design, prepared: prepared)
    if let preview { stage.preview(preview) }
    var report: (@Sendable (URL, URL) throws -> Void)?
    if preview == nil { report = { try ReportProcess.make(of: place, from: $0, into: $1) } }
    lab = try Lab(
      stage: stage, records: records,
      pages: try Assets.folder(),
      data: place.data, secret: secret.text, sounds: sounds,
      report: report, basePath: basePath, logger: logger
    )
    design.version = lab.version
    self.design = design
    stranded = try records.stranded(otherThan: design.designVersion)
    shared?.follow(design) { [lab, logger] read in
      do {
        guard try lab.reword(read) else { return }
        logger.notice("the words are now those of \(read.textsVersion.prefix(12)), reloaded by another server")
      } catch { logger.error("the words that another server reloaded are not used here: \(error)") }
    }
  }

  private static func notePlan(_ place: StudyPlace, _ records: Records) throws {
    if let plan = AnalysisPlan.own(of: place.folder) { try records.register(plan: ContentHash.ofFile(plan)) }
  }

  /// Reads the study again and takes over its texts, and how listeners come and leave. If it cannot be read, or its design is
  /// different, nothing changes. The log says what happened.
  func reload() {
    let reading = StudyReading(folder: place.folder)
    for problem in reading.errors { logger.error("study not reloaded: \(problem)") }
    guard let read = reading.design else { return }
    do { try Self.notePlan(place, records) } catch { logger.error("analysis.yaml cannot be read: \(error)") }
    do {
      guard try lab.reword(read) else {
        return logger.error(
          "study not reloaded: its design was changed, which would end the sessions in progress; it stays as it was until the next start"
        )
      }
    } catch { return logger.error("study not reloaded: \(error)") }
    logger.notice("study reloaded: its words are now those of \(read.textsVersion.prefix(12))")
    do { try shared?.giveOut(reading.words, read) } catch {
      logger.error("the other servers were not told (\(error)): reload again")
    }
  }

  /// Closes the records.
  func close() {
    shared?.close()
    records.close()
  }
}

/// A server on a port of this machine.
struct Listening {
  let server: Server

  /// Serves on the first free port of `ports`.
  init(
    _ handler: @escaping Handler, host: String, ports: ClosedRange<Int>, limits: Server.Limits = .init()
  ) throws {
    var limits = limits
    limits.earlyHeaders = Lab.securityHeaders
    server = try Self.listen(handler, host: host, ports: ports, limits)
  }

  private static func listen(
    _ handler: @escaping Handler, host: String, ports: ClosedRange<Int>, _ limits: Server.Limits
  ) throws -> Server {
    for port in ports {
      do { return try Server(host: host, port: port, limits: limits, handler: handler) } catch let error as ListenError
      {
        guard error.reason == .portTaken, port < ports.upperBound else { throw error }
        FileHandle.standardError.write(Data("Port \(port) is taken; trying \(port + 1).\n".utf8))
      }
    }
    preconditionFailure("the loop returns or throws at its last port")
  }

  /// The address for a browser, such as `http://127.0.0.1:8080`.
  var link: String {
    let shown = ["0.0.0.0", "::"].contains(server.host) ? ProcessInfo.processInfo.hostName : server.host
    return "http://\(shown.contains(":") ? "[\(shown)]" : shown):\(server.port)"
  }
}

/// A study that is being served.
struct ServedStudy {
  let study: OpenStudy
  private let listening: Listening

  /// - Parameters: as of `OpenStudy` and `Listening`.
  init(
    _ place: StudyPlace, host: String, ports: ClosedRange<Int>, basePath: [String] = [],
    sounds: (base: String, folder: URL)? = nil, limits: Server.Limits = .init(), preview: Int? = nil, logger: Logger
  ) throws {
    study = try OpenStudy(place, basePath: basePath, sounds: sounds, preview: preview, logger: logger)
    listening = try Listening(study.lab.handler, host: host, ports: ports, limits: limits)
  }

  var design: StudyDesign { study.design }
  var prepared: PreparedStimuli { study.prepared }
  var server: Server { listening.server }
  var link: String { listening.link }

  /// Finishes requests in progress, then closes the records.
  func stop() {
    server.stop()
    study.close()
  }
}
