import Foundation
import TestSupport
import Testing

@Suite("Records in a database on another host")
struct FarDatabaseTests {
  private static func seconds(since start: ContinuousClock.Instant) -> Int {
    Int(((ContinuousClock.now - start) / .seconds(1)).rounded())
  }

  /// Polls until `isSo` is true.
  private static func wait(for what: String, _ isSo: () throws -> Bool) throws {
    let patience = ContinuousClock.now + .seconds(120)
    while try !isSo() {
      guard ContinuousClock.now < patience else { throw WireClient.Failure(description: "in vain: \(what)") }
      usleep(20_000)
    }
  }

  @discardableResult
  private static func run(_ words: [String]) throws -> String {
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    (process.standardOutput, process.standardError) = (output, output)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw WireClient.Failure(description: "\(words.joined(separator: " ")): \(said)")
    }
    return said.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  // MARK: A connection that is cut

  /// A second host, in a network namespace, and the network link to it.
  private final class Host {
    static let address = "198.18.77.2"
    let name = "earshot-\(getpid())"

    init() throws {
      try run(["ip", "netns", "add", name])
      try run(["ip", "link", "add", "earshot0", "type", "veth", "peer", "name", "earshot1", "netns", name])
      try run(["ip", "addr", "add", "198.18.77.1/30", "dev", "earshot0"])
      try run(["ip", "-n", name, "addr", "add", "\(Self.address)/30", "dev", "earshot1"])
      try run(["ip", "link", "set", "earshot0", "up"])
      try run(["ip", "-n", name, "link", "set", "lo", "up"])
      try join()
    }

    /// From now on, everything that is sent in either direction is silently lost.
    func cut() throws { try run(["ip", "-n", name, "link", "set", "earshot1", "down"]) }

    func join() throws { try run(["ip", "-n", name, "link", "set", "earshot1", "up"]) }

    deinit {
      _ = try? run(["ip", "link", "del", "earshot0"])
      _ = try? run(["ip", "netns", "del", name])
    }
  }

  @Test(
    "listeners go on when the connection between server and database is cut, briefly or for long",
    .enabled(if: Crowd.asked > 0 && geteuid() == 0, "needs EARSHOT_LISTENERS, and root, who makes hosts"))
  func cut() throws {
    let host = try Host()
    let database = try PostgresServer(at: Host.address, launcher: ["/usr/bin/env", "ip", "netns", "exec", host.name])
    let address = try database.database()
    let servers = try SeveralServersTests.Servers(2, records: address)
    let crowd = try Crowd(of: servers, port: servers.all[0].port) { try database.run(sql: $0, in: "records_1") }
    func isReady() throws -> Bool { try WireClient(port: servers.all[0].port).get("/readyz").status == 200 }
    var table: [(String, Int)] = []
    try crowd.reach(0.2)
    table.append(("the line is cut", try crowd.answers()))
    try host.cut()
    let start = ContinuousClock.now
    try Self.wait(for: "503") { try !isReady() }
    table.append(("the server says so after \(Self.seconds(since: start)) s", try crowd.answers()))
    // The database releases the locks of a server that it no longer hears from.
    try Self.wait(for: "no locks") {
      try crowd.count(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'earshot' AND xact_start IS NOT NULL") == 0
    }
    table.append(("the database holds nothing of it after \(Self.seconds(since: start)) s", try crowd.answers()))
    try host.join()
    let back = ContinuousClock.now
    let before = try crowd.answers()
    try Self.wait(for: "an answer") { try crowd.answers() > before }
    table.append(("the line is back; the first answer after \(Self.seconds(since: back)) s", try crowd.answers()))
    for share in [0.5, 0.7] {
      try crowd.reach(share)
      #expect(crowd.isListening)
      table.append(("the line is cut for two seconds", try crowd.answers()))
      try host.cut()
      // How long the outage lasts is what is tested: nothing is waited for.
      sleep(2)
      try host.join()
    }
    try crowd.end(table, records: address)
  }

  // MARK: A failover

  /// Two PostgreSQL nodes. Patroni keeps one writable and the other as its synchronous standby; etcd holds which is
  /// which.
  private final class Cluster {
    private struct Node {
      let name: String
      let (control, port): (Int, Int)
      var process: Process
    }

    private let folder: TemporaryFolder
    private var nodes: [Node] = []
    private let etcd: Process

    private static func start(_ folder: TemporaryFolder, _ name: String, _ words: [String]) throws -> Process {
      let process = Process()
      // PostgreSQL refuses to run as root.
      let asNobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = (geteuid() == 0 ? asNobody : []) + words
      process.currentDirectoryURL = folder.url
      let log = folder.url.appending(path: "\(name).log")
      _ = FileManager.default.createFile(atPath: log.path, contents: nil)
      let handle = try FileHandle(forWritingTo: log)
      (process.standardOutput, process.standardError) = (handle, handle)
      process.standardInput = FileHandle.nullDevice
      try process.run()
      return process
    }

    init() throws {
      folder = try TemporaryFolder()
      if geteuid() == 0, let nobody = getpwnam("nobody")?.pointee {
        _ = chown(folder.url.path, nobody.pw_uid, nobody.pw_gid)
      }
      let (client, peer) = (
        "http://127.0.0.1:\(try WireClient.freePort())", "http://127.0.0.1:\(try WireClient.freePort())"
      )
      etcd = try Self.start(
        folder, "etcd",
        [
          "etcd", "--name", "one", "--data-dir", "etcd", "--listen-client-urls", client, "--advertise-client-urls",
          client,
          "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "one=\(peer)",
        ])
      let versions = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql").compactMap(Int.init)
      for name in ["one", "two"] {
        let (control, port) = (try WireClient.freePort(), try WireClient.freePort())
        let configuration = """
          scope: earshot
          name: \(name)
          restapi: {listen: 127.0.0.1:\(control), connect_address: 127.0.0.1:\(control)}
          etcd3: {host: \(client.dropFirst(7))}
          bootstrap:
            dcs:
              {ttl: 20, loop_wait: 3, retry_timeout: 5, synchronous_mode: true, postgresql: {use_pg_rewind: true}}
            initdb: [{encoding: UTF8}, no-sync]
            pg_hba: [host all all 127.0.0.1/32 trust, local all all trust, host replication all 127.0.0.1/32 trust]
          postgresql:
            listen: 127.0.0.1:\(port)
            connect_address: 127.0.0.1:\(port)
            data_dir: \(name)
            bin_dir: /usr/lib/postgresql/\(versions.max() ?? 0)/bin
            pgpass: pgpass-\(name)
            authentication:
              superuser: {username: earshot, password: earshot}
              replication: {username: copier, password: earshot}
              rewind: {username: rewinder, password: earshot}
            parameters: {unix_socket_directories: \(folder.url.path)}
          """
        try Data(configuration.utf8).write(to: folder.url.appending(path: "\(name).yml"))
        let process = try Self.start(folder, name, ["patroni", "\(name).yml"])
        nodes.append(Node(name: name, control: control, port: port, process: process))
      }
      try wait(for: "two that agree") {
        try leader() != nil && nodes.contains { try says("synchronous", $0) }
      }
      try run(["psql", "-q", "postgresql://earshot@/postgres?\(hosts)", "-c", "CREATE DATABASE records"])
    }

    private func says(_ what: String, _ node: Node) throws -> Bool {
      (try? WireClient(port: node.control).get("/\(what)"))?.status == 200
    }

    private func leader() throws -> Int? { try nodes.firstIndex { try says("leader", $0) } }

    private var hosts: String {
      "host=\(nodes.map { _ in "127.0.0.1" }.joined(separator: ","))&port=\(nodes.map { "\($0.port)" }.joined(separator: ","))&target_session_attrs=read-write"
    }

    var address: String { "postgresql://earshot@/records?\(hosts)" }

    func ask(_ sql: String) throws -> String {
      (try? run(["psql", "-X", "-q", "-t", "-A", address, "-c", sql])) ?? ""
    }

    /// Kills a node, as a host's power failure does.
    private func lose(_ node: Node) {
      let file = folder.url.appending(path: "\(node.name)/postmaster.pid")
      let first = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n").first
      kill(node.process.processIdentifier, SIGKILL)
      if let first, let postmaster = Int32(first) { kill(postmaster, SIGKILL) }
      node.process.waitUntilExit()
    }

    func killLeader() throws {
      guard let number = try leader() else { throw WireClient.Failure(description: "nobody leads") }
      lose(nodes[number])
    }

    /// Restarts the node that was killed, and waits until it is the standby.
    func startAgain() throws {
      for number in nodes.indices where !nodes[number].process.isRunning {
        nodes[number].process = try Self.start(folder, nodes[number].name, ["patroni", "\(nodes[number].name).yml"])
        try wait(for: "a copy") { try says("synchronous", nodes[number]) }
      }
    }

    deinit {
      // Patroni does not receive SIGTERM here: test threads block signals, and the processes that they start inherit
      // this.
      for node in nodes where node.process.isRunning { lose(node) }
      etcd.terminate()
      etcd.waitUntilExit()
    }
  }

  @Test("the leading host is lost and returns as the standby, and listeners go on", .enabled(if: Crowd.asked > 0))
  func failover() throws {
    let cluster = try Cluster()
    let servers = try SeveralServersTests.Servers(2, records: cluster.address)
    let crowd = try Crowd(of: servers, port: servers.all[0].port, ask: cluster.ask)
    try crowd.reach(0.3)
    #expect(crowd.isListening)
    let before = try crowd.answers()
    var table = [("the host that leads is lost", before)]
    try cluster.killLeader()
    let start = ContinuousClock.now
    try Self.wait(for: "an answer") { try crowd.answers() > before }
    table.append(("the other one leads; the first answer after \(Self.seconds(since: start)) s", try crowd.answers()))
    try cluster.startAgain()
    table.append(("the lost one is back, as the copy that is waited for", try crowd.answers()))
    try crowd.end(table, records: cluster.address)
  }
}
