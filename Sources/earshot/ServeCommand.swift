import ArgumentParser
import Basics
import Foundation
import HTTP
import Logging

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve a study, or a folder of studies, to listeners.",
    discussion: """
      Prepares the study's sounds, which takes a while only at the first start, and then serves it until Ctrl-C. The \
      printed links are all that participants and the experimenter need. The experimenter's secret is printed only at the \
      first start, and stays in a file. Use 'earshot lab-users' to give names to other people who run the study. \
      Answers are saved at once, in records.sqlite in the data folder.

      Changing only words (title, texts, consent, finish, languages) ends no session: the change takes effect at the next \
      start, or at once by SIGHUP (kill -HUP). Changing the design ends the sessions in progress; the server says at its \
      start how many.

      Only this machine can reach the study unless you set --host. To let others take part, put a web server with HTTPS in \
      front of it, also below a path of a host (docs/hosting.md), or use --host 0.0.0.0 in a network that you trust. \
      Connections are limited per address; behind a web server, per address that it reports. If the web server runs on \
      another machine, give its address with --proxy (docs/connections.md).

      A folder of studies is served under one address, each study below the name of its folder, with its own data, secret \
      and dashboard; ADDRESS/lab is an overview of them. In one PostgreSQL, each has a schema of its own name.

      To walk through a session yourself without leaving a trace in the records, use 'earshot preview'.

      Examples:
        earshot serve studies/demo
        earshot serve studies/demo --port 9000 --data /srv/study-data
        earshot serve studies
        earshot serve studies/demo --records postgresql://earshot@db.example.org/demo
        earshot serve studies/demo --url https://lab.example.org/listen/
        earshot serve studies/demo --host 0.0.0.0 --url https://lab.example.org/listen/ --proxy 10.0.0.5
      """)

  @Argument(help: ArgumentHelp("The study's folder, or a folder of studies.", valueName: "study"))
  var study: String

  @Option(help: "The port; an error if it is taken (default: the first free one from 8080 on).")
  var port: Int?

  @Option(help: "The address to listen on; 0.0.0.0 means all addresses of this machine.")
  var host = "127.0.0.1"

  @Option(
    help: ArgumentHelp(
      "The address at which listeners reach the study through a web server in front, for the links; its path is stripped from requests that include it.",
      valueName: "address"))
  var url: String?

  @Option(
    help: ArgumentHelp(
      "Where records and prepared sounds are kept (default: data in the study's folder).", valueName: "folder"))
  var data: String?

  @Option(help: ArgumentHelp(RecordsPlace.help, valueName: "address"))
  var records: String?

  @Option(
    help: ArgumentHelp(
      "The address from which a web server sends trials' sounds, such as /sounds or https://sounds.example.org; it finds them in --sounds-folder (docs/hosting.md).",
      valueName: "address"))
  var soundsBase: String?

  @Option(
    help: ArgumentHelp(
      "Where to put trials' sounds for that web server; several servers may share it.", valueName: "folder"))
  var soundsFolder: String?

  @Option(
    name: .customLong("proxy"),
    help: ArgumentHelp(
      """
      Addresses of web servers in front of this one, such as 192.0.2.7 or 10.0.0.0/8; may be given more than once. Their \
      X-Forwarded-For is trusted when connections are counted per address (default: this machine).
      """,
      valueName: "address"))
  var proxies: [String] = []

  @Flag(help: "Log every request: id, method, route, status and time.")
  var verbose = false

  enum LogForm: String, CaseIterable, ExpressibleByArgument { case text, json }

  @Option(help: "The format of the log: text, or one JSON object per line.")
  var log = LogForm.text

  func validate() throws {
    guard (0...65535).contains(port ?? 0) else { throw ValidationError("--port is a number from 0 to 65535.") }
    for proxy in proxies where Network(proxy) == nil {
      throw ValidationError("--proxy '\(proxy)' is neither an address nor a range of addresses, such as 10.0.0.0/8.")
    }
    guard url == nil || publicAddress != nil else {
      throw ValidationError("--url is a whole address such as https://lab.example.org/listen/.")
    }
    guard (soundsBase == nil) == (soundsFolder == nil) else {
      throw ValidationError("--sounds-base and --sounds-folder go together.")
    }
    guard
      soundsBase?.wholeMatch(of: /(https?:\/\/[A-Za-z0-9.:\[\]-]+)?(\/[A-Za-z0-9._~-]+)*\/?/) != nil
        || soundsBase == nil
    else {
      throw ValidationError("--sounds-base is an address such as /sounds or https://sounds.example.org/listen.")
    }
  }

  /// The values of --sounds-base and --sounds-folder.
  private var sounds: (base: String, folder: URL)? {
    guard let soundsBase, let soundsFolder else { return nil }
    return (soundsBase, URL(filePath: soundsFolder, directoryHint: .isDirectory).standardizedFileURL)
  }

  /// The value of --url without the slash at its end; nil if it is not the address of a page.
  private var publicAddress: URLComponents? {
    guard let url, var parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme),
      !(parts.host ?? "").isEmpty, parts.query == nil, parts.fragment == nil, parts.user == nil
    else { return nil }
    while parts.percentEncodedPath.hasSuffix("/") { parts.percentEncodedPath.removeLast() }
    return parts
  }

  func run() throws {
    OwnFiles.only()
    let form = log
    LoggingSystem.bootstrap { label -> any LogHandler in
      if form == .json { return JSONLog() }
      return StreamLogHandler.standardError(label: label)
    }
    var logger = Logger(label: "earshot")
    logger.logLevel = verbose ? .debug : .info
    var limits = Server.Limits()
    if !proxies.isEmpty { limits.proxies = proxies.compactMap(Network.init) }
    let (ports, basePath) = (
      port.map { $0...$0 } ?? 8080...8100, BasePath.parts(publicAddress?.percentEncodedPath ?? "")
    )
    let folder = URL(filePath: study, directoryHint: .isDirectory).standardizedFileURL
    let names = ServedHouse.studies(in: folder)
    if names.isEmpty {
      let place = try StudyPlace(study: study, data: data, records: records.map(RecordsPlace.init))
      let served = try ServedStudy(
        place, host: host, ports: ports, basePath: basePath, sounds: sounds, limits: limits, logger: logger)
      run(
        announcing: {
          announce(served.study, at: publicAddress?.string ?? served.link)
          Self.say(Self.stopping)
        }, reload: served.study.reload,
        stop: served.stop)
    } else {
      guard sounds == nil else {
        throw Problem(
          "a folder of studies sends its sounds itself", mend: "Serve each study by itself, with a folder of its own.")
      }
      let house = try ServedHouse(
        folder, names, data: data, records: records.map(RecordsPlace.init), host: host, ports: ports,
        basePath: basePath, limits: limits, logger: logger)
      run(announcing: { announce(house) }, reload: house.reload, stop: house.stop)
    }
  }

  private func run(announcing: () -> Void, reload: () -> Void, stop: () -> Void) {
    let signals = StopSignals(reloads: true)
    announcing()
    while signals.wait() == .reload { reload() }
    // A terminal that was closed takes no more words.
    try? FileHandle.standardError.write(
      contentsOf: Data("\nstopping, once the requests in progress are finished\n".utf8))
    stop()
  }

  private func announce(_ house: ServedHouse) {
    let link = publicAddress?.string ?? house.link
    for room in house.rooms { if let study = room.study { announce(study, at: "\(link)/\(room.name)") } }
    let text = """
      The overview of all \(house.rooms.count) studies:

        experimenter   \(link)/lab\(house.secret.isNew ? "#secret=\(house.secret.text)" : "")
        secret         \(house.data.appending(path: "secret").path)\(house.secret.isNew ? ", shown only this once" : "")

      """
    Self.say(text + "\n" + Self.stopping)
  }

  private func announce(_ study: OpenStudy, at link: String) {
    let (place, stranded) = (study.place, study.stranded)
    if stranded.all > 0 {
      let sessions = "\(stranded.all, "session that is", "sessions that are")"
      let line =
        "The study's design was changed: \(sessions) not finished cannot continue (\(stranded.active) active within the last ten minutes). Listeners who return are told so, with the ending that the study states for them.\n"
      FileHandle.standardError.write(Data(line.utf8))
    }
    if let raised = PrepareCommand.raised(study.prepared) {
      FileHandle.standardError.write(Data("\(raised)\n".utf8))
    }
    // It is told once: what is printed may stay in a log for long.
    let secret = place.data.appending(path: "secret").path
    let key = study.secret.isNew ? "#secret=\(study.secret.text)" : ""
    let text = """
      Earshot serves "\(study.design.definition.title)", version \(study.design.version.prefix(12)).

        participants   \(link)/
        experimenter   \(link)/lab\(key)
        secret         \(secret)\(key.isEmpty ? "" : ", shown only this once")
        data           \(place.data.path)\(place.records.isShared ? "\n  records        \(place.records.shown)" : "")

      """
    Self.say(text + "\n")
  }

  private static let stopping = "Stop with Ctrl-C.\n\n"

  private static func say(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}

/// Only the owner of the data may read what participants said, and nobody else on this machine.
enum OwnFiles {
  /// From now on, this process creates files that only their owner can read (0600), and folders likewise (0700).
  static func only() { umask(0o077) }
}

/// A study's folder and the place of its data.
struct StudyPlace {
  let folder: URL
  let data: URL

  let records: RecordsPlace

  /// Creates the data folder if it is missing, accessible to its owner only.
  /// - Parameter records: where they are, if they are not in the data folder.
  init(study: String, data: String?, records: RecordsPlace? = nil) throws {
    folder = URL(filePath: study, directoryHint: .isDirectory).standardizedFileURL
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue else {
      throw Problem(
        "there is no such study folder", at: Place(file: study), mend: "Make one with 'earshot new', or check the path."
      )
    }
    self.data =
      data.map { URL(filePath: $0, directoryHint: .isDirectory).standardizedFileURL } ?? folder.appending(path: "data")
    self.records = records ?? .file(self.data.appending(path: "records.sqlite"))
    do {
      try FileManager.default.createDirectory(
        at: self.data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      for folder in [self.data, self.data.appending(path: "export")] {
        var status = stat()
        // Where it is somebody else's, it stays as they made it.
        if stat(folder.path, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o077 != 0 {
          chmod(folder.path, 0o700)
        }
      }
    } catch {
      throw Problem(
        "the data folder cannot be made", at: Place(file: self.data.path),
        mend: "Check that the folder above it is yours, or give another one with --data.")
    }
  }

  var name: String { folder.lastPathComponent }
}

/// The pages that the browser gets.
enum Assets {
  static func folder() throws -> URL { try Home.item("Public/index.html").deletingLastPathComponent() }
}

/// SIGINT and SIGTERM, and SIGHUP on request, caught from the moment this is created: a signal that comes before anybody
/// waits for it is not lost.
///
/// The handler writes to a pipe, since a dispatch source takes effect only some time after it is resumed, and signals until
/// then are lost.
struct StopSignals {
  enum Wish { case stop, reload }

  // Written once, before the handlers that read it are set.
  private nonisolated(unsafe) static var bell: CInt = -1
  private let ear: CInt
  /// Whether standard input was a terminal at the start: if it is closed, its SIGHUP means stop.
  private let hasTerminal = isatty(STDIN_FILENO) == 1

  /// - Parameter reloads: whether SIGHUP requests a reload; otherwise it ends the process as usual.
  init(reloads: Bool = false) {
    var ends: [CInt] = [-1, -1]
    precondition(pipe(&ends) == 0, "no pipe can be made")
    ear = ends[0]
    StopSignals.bell = ends[1]
    let all = [SIGINT, SIGTERM] + (reloads ? [SIGHUP] : [])
    for number in all {
      signal(number) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(StopSignals.bell, &byte, 1)
      }
    }
    Signals.unblock(all)
  }

  /// Returns at the next signal. After one that means stop, the next ends the process at once.
  @discardableResult
  func wait() -> Wish {
    var byte: UInt8 = 0
    while read(ear, &byte, 1) < 0, errno == EINTR {}
    if CInt(byte) == SIGHUP, !hasTerminal || isatty(STDIN_FILENO) == 1 { return .reload }
    for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
    return .stop
  }
}
