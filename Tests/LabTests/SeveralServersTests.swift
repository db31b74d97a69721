import Foundation
import TestSupport
import Testing

@Suite("Several servers of one study, with their records in PostgreSQL")
struct SeveralServersTests {
  /// Copies of a study's folder, each with its own server.
  final class Servers {
    let folder: TemporaryFolder
    let studies: [URL]
    private let options: [String]
    var all: [RunningServer] = []

    init(_ count: Int, records: String, options: [String] = []) throws {
      let folder = try TemporaryFolder()
      self.folder = folder
      self.options = ["--records", records] + options
      studies = (1...count).map { folder.url.appending(path: "\($0)/study") }
      for study in studies {
        try FileManager.default.createDirectory(at: study, withIntermediateDirectories: true)
        try KillTests.writeStudy(study)
      }
      for number in studies.indices { all.append(try start(number)) }
    }

    func start(_ number: Int, port: Int = 0) throws -> RunningServer {
      try RunningServer(studies[number], port: port, options: options)
    }

    func write(_ title: String, to number: Int) throws {
      let file = studies[number].appending(path: "study.yaml")
      let text = try String(contentsOf: file, encoding: .utf8)
      try Data(text.replacing(/title: .*/, with: "title: \(title)").utf8).write(to: file)
    }

    func title(_ number: Int) throws -> String? {
      try WireClient(port: all[number].port).get("/api/study").json()["title"] as? String
    }

    /// Polls a server until it shows the title.
    func wait(for title: String, at number: Int) throws -> Bool {
      let patience = ContinuousClock.now + .seconds(60)
      while ContinuousClock.now < patience { if try self.title(number) == title { return true } }
      return false
    }

    deinit { for server in all { server.stop() } }
  }

  @Test("all servers adopt wording that one of them reloads, and so does one that starts with an older wording")
  func words() throws {
    let database = try PostgresServer()
    let servers = try Servers(2, records: database.database())
    #expect(try servers.title(1) == "A study to be killed")
    try servers.write("Reworded", to: 0)
    servers.all[0].reload()
    #expect(try servers.wait(for: "Reworded", at: 0))
    #expect(try servers.wait(for: "Reworded", at: 1))
    // Its own folder still has the first wording.
    servers.all[1].stop()
    servers.all[1] = try servers.start(1)
    #expect(try servers.title(1) == "Reworded")
    // Wording that no server has seen yet is adopted everywhere as soon as its server starts.
    try servers.write("Worded anew", to: 1)
    servers.all[1].stop()
    servers.all[1] = try servers.start(1)
    #expect(try servers.title(1) == "Worded anew")
    #expect(try servers.wait(for: "Worded anew", at: 0))
  }

  @Test("health checks say whether the database is out of reach or read-only, and when it is back")
  func outages() throws {
    let database = try PostgresServer.shared.get()
    let address = try database.database()
    let name = try #require(address.firstMatch(of: /dbname=(\w+)/)?.1)
    let servers = try Servers(1, records: address)
    let client = WireClient(port: servers.all[0].port)
    let secret = try String(contentsOf: servers.studies[0].appending(path: "data/secret"), encoding: .utf8)
    let signedIn = try client.post("/lab", ["secret": secret.trimmingCharacters(in: .whitespacesAndNewlines)])
    let cookie = ["Cookie": String(try #require(signedIn["Set-Cookie"]).prefix { $0 != ";" })]
    func join() throws -> WireClient.Reply {
      try client.post("/api/sessions", ["key": UUID().uuidString, "language": "en", "consent": true])
    }
    func wait(_ words: String) throws {
      let patience = ContinuousClock.now + .seconds(60)
      while try !client.get("/readyz").text.contains(words), ContinuousClock.now < patience {}
      #expect(try client.get("/readyz").text.contains(words))
    }
    func happens(_ changes: String...) throws {
      for change in changes { try database.run(sql: "ALTER DATABASE \(name) \(change)") }
      try database.run(sql: "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'")
    }
    #expect(try client.get("/readyz").status == 200 && join().status == 201)
    try happens("ALLOW_CONNECTIONS false")
    // Nobody has saved meanwhile, yet the failure is noticed.
    try wait("out of reach")
    let refused = try join()
    #expect(refused.status == 503 && refused.errorCode == "unavailable" && refused.text.contains("out of reach"))
    #expect(!refused.text.contains(name))
    #expect(try client.get("/lab/api/status", cookie).text.contains("Check that the database is up"))
    try happens("ALLOW_CONNECTIONS true", "SET default_transaction_read_only = on")
    try wait("can only be read")
    try happens("RESET default_transaction_read_only")
    try wait("ok")
    #expect(try join().status == 201)
  }

  @Test("a folder of studies has one schema per study in one database; a missing database is reported")
  func house() throws {
    let database = try PostgresServer()
    let address = try database.database()
    let folder = try TemporaryFolder()
    for name in ["one", "two.2"] {
      let study = folder.url.appending(path: name)
      try FileManager.default.createDirectory(at: study, withIntermediateDirectories: true)
      try KillTests.writeStudy(study)
    }
    let server = try RunningServer(folder.url, options: ["--records", address])
    let client = WireClient(port: server.port)
    for (name, count) in [("one", 1), ("two.2", 2)] {
      for _ in 0..<count {
        let body = ["key": UUID().uuidString, "language": "en", "consent": true] as [String: Any]
        #expect(try client.post("/\(name)/api/sessions", body).status == 201)
      }
      #expect(try database.run(sql: "SELECT count(*) FROM \"\(name)\".session", in: "records_1") == "\(count)")
    }
    #expect(server.stop() == 0)
    let export = Process()
    export.executableURL = RunningServer.program
    export.arguments = [
      "export", folder.url.path + "/two.2", "--records", address + " options='-csearch_path=\"two.2\"'", "--out",
      folder.url.path + "/out",
    ]
    export.standardOutput = FileHandle.nullDevice
    try export.run()
    export.waitUntilExit()
    #expect(export.terminationStatus == 0)
    let table = try String(contentsOf: folder.url.appending(path: "out/participants.csv"), encoding: .utf8)
    #expect(table.split(separator: "\n").count == 3)
    try database.stop()
    do {
      try RunningServer(folder.url, options: ["--records", address]).stop()
      Issue.record("served without its database")
    } catch { #expect("\(error)".contains("the schema of the study 'one' cannot be created"), "\(error)") }
  }

  /// nginx in front of the servers, as docs/postgresql.md describes; it also sends the sounds.
  final class Front {
    let port: Int
    private let process = Process()

    init(before servers: Servers, sounds: URL) throws {
      let folder = servers.folder.url.appending(path: "nginx")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      port = try WireClient.freePort()
      let page = try String(
        contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/postgresql.md"),
        encoding: .utf8)
      let secret = try String(
        contentsOf: servers.studies[0].appending(path: "data/sounds-secret"), encoding: .utf8)
      let told = try #require(page.firstMatch(of: /```nginx\n((?s).*?)```/)?.1)
      let upstream = servers.all.map { "server 127.0.0.1:\($0.port);" }.joined(separator: "\n")
      let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      let configuration = """
        \(geteuid() == 0 ? "user root;" : "") daemon off; worker_processes 1; pid \(folder.path)/pid;
        error_log \(folder.path)/error.log; events { worker_connections 500; }
        http {
        access_log off;
        \(kinds.map { "\($0)_temp_path \(folder.path)/\($0);" }.joined(separator: "\n"))
        \(told.replacing(/(?:server [a-z0-9.]+:8080;\s*)+/, with: upstream).replacing("listen 443 ssl", with: "listen 127.0.0.1:\(port)")
          .replacing("/srv/earshot-sounds", with: sounds.path)
          .replacing("SECRET", with: secret.trimmingCharacters(in: .whitespacesAndNewlines)))
        }
        """
      try Data(configuration.utf8).write(to: folder.appending(path: "nginx.conf"))
      process.executableURL = URL(filePath: "/usr/sbin/nginx")
      process.arguments = ["-p", folder.path, "-c", folder.path + "/nginx.conf", "-e", folder.path + "/error.log"]
      try process.run()
      let patience = ContinuousClock.now + .seconds(30)
      while (try? WireClient(port: port).get("/healthz"))?.status != 200 {
        guard process.isRunning, ContinuousClock.now < patience else {
          throw WireClient.Failure(
            description: try String(contentsOf: folder.appending(path: "error.log"), encoding: .utf8))
        }
      }
    }

    deinit {
      process.terminate()
      process.waitUntilExit()
    }
  }

  @Test(
    "listeners behind nginx and three servers lose nothing when a server dies or connections are cut",
    .enabled(if: Crowd.asked > 0, "needs EARSHOT_LISTENERS"))
  func walk() throws {
    let database = try PostgresServer()
    let address = try database.database()
    let sounds = try TemporaryFolder()
    let servers = try Servers(
      3, records: address, options: ["--sounds-base", "/sounds", "--sounds-folder", sounds.url.path])
    let front = try Front(before: servers, sounds: sounds.url)
    let crowd = try Crowd(of: servers, port: front.port) { try database.run(sql: $0, in: "records_1") }
    var table: [(String, Int)] = []
    for (share, what, happens) in [
      (
        0.2, "one of three servers is killed, and started again",
        {
          servers.all[1].kill()
          servers.all[1] = try servers.start(1, port: servers.all[1].port)
        }
      ),
      (
        0.4, "the database is stopped as by a power cut, and started again",
        {
          try database.stop("immediate")
          try database.start()
        }
      ),
      (
        0.6, "all connections to the database are cut",
        {
          try database.run(
            sql:
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'earshot'")
        }
      ),
      (0.8, "a server is stopped for good", { #expect(servers.all[2].stop() == 0) }),
    ] as [(Double, String, () throws -> Void)] {
      try crowd.reach(share)
      table.append((what, try crowd.answers()))
      #expect(crowd.isListening, "it was over before: \(what)")
      try happens()
    }
    try crowd.end(table, records: address)
  }
}

/// Simulated listeners who take part at a server, and what its records hold of theirs.
final class Crowd {
  /// The number of listeners that is asked for; with 0, tests with a crowd are skipped.
  static let asked = ProcessInfo.processInfo.environment["EARSHOT_LISTENERS"].flatMap { Int($0) } ?? 0

  private let process = Process()
  private let ask: (String) throws -> String
  private var each = 0

  /// - Parameter ask: runs SQL in the database and returns its output.
  init(of servers: SeveralServersTests.Servers, port: Int, ask: @escaping (String) throws -> String) throws {
    self.ask = ask
    process.executableURL = RunningServer.program
    process.arguments = [
      "simulate", servers.studies[0].path, "--data", servers.folder.url.path + "/simulated", "--drop-out", "0",
      "--server", "http://127.0.0.1:\(port)", "--listeners", "\(Self.asked)", "--at-once", "16",
    ]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
  }

  var isListening: Bool { process.isRunning }

  /// The result of a query that counts; -1 if the database does not answer.
  func count(_ sql: String) throws -> Int { Int(try ask(sql)) ?? -1 }

  func answers() throws -> Int { try count("SELECT count(*) FROM response") }

  /// Waits until a share of all expected answers is stored.
  func reach(_ share: Double) throws {
    while isListening {
      if each == 0 {
        each = try count(
          "SELECT coalesce(min(n), 0) FROM (SELECT count(*) AS n FROM response JOIN session ON session.id = session WHERE finished_at IS NOT NULL GROUP BY session) AS x"
        )
      }
      if each > 0, try Double(answers()) >= share * Double(each * Self.asked) { return }
    }
  }

  /// Waits until all listeners are done. Every answer must be stored exactly once, and `earshot doctor` must find
  /// nothing.
  /// - Parameter table: each event and the number of answers stored before it, to be printed.
  func end(_ table: [(what: String, kept: Int)], records: String) throws {
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let kept = try answers()
    let doubled = try count(
      "SELECT count(*) FROM (SELECT 1 FROM response GROUP BY session, step, trial HAVING count(*) > 1) AS x")
    #expect(kept == each * Self.asked && doubled == 0)
    #expect(try count("SELECT count(*) FROM session") == Self.asked)
    #expect(try count("SELECT count(*) FROM session WHERE finished_at IS NOT NULL") == Self.asked)
    let doctor = Process()
    doctor.executableURL = RunningServer.program
    doctor.arguments = ["doctor", "--records", records]
    try doctor.run()
    doctor.waitUntilExit()
    #expect(doctor.terminationStatus == 0)
    print("| what happens | answers kept until then |\n|---|--:|")
    for (what, count) in table { print("| \(what) | \(count) |") }
    print(
      "| the end: \(Self.asked) listeners, \(each) answers each | \(kept): \(each * Self.asked - kept) lost, \(doubled) doubled |"
    )
  }
}
