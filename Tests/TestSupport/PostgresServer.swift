import Foundation
import Synchronization

/// A PostgreSQL of the tests' own, in a folder that goes with it: it listens on a socket there, and on the network only of a
/// host of the tests' own.
public final class PostgresServer: Sendable {
  public struct Failure: Error, CustomStringConvertible { public var description: String }

  private let folder: TemporaryFolder
  private let programs: URL
  private let launcher: [String]
  private let host: String?
  private let made = Mutex(0)
  private var data: URL { folder.url.appending(path: "data") }
  private var socket: URL { folder.url }

  /// One that all tests of a run share; it ends with the process.
  public static let shared = Result { try PostgresServer() }

  /// - Parameters:
  ///   - host: an address at which everybody who reaches it is let in.
  ///   - launcher: a program with arguments that runs it, as root does within another host.
  public init(at host: String? = nil, launcher: [String] = []) throws {
    (self.host, self.launcher) = (host, launcher)
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
    guard let newest = versions.compactMap(Int.init).max() else {
      throw Failure(description: "PostgreSQL is not installed: ./setup.sh test")
    }
    programs = URL(filePath: "/usr/lib/postgresql/\(newest)/bin")
    folder = try TemporaryFolder()
    if geteuid() == 0 {
      // It does not run as root.
      guard let nobody = getpwnam("nobody")?.pointee, chown(folder.url.path, nobody.pw_uid, nobody.pw_gid) == 0 else {
        throw Failure(description: "there is no user 'nobody' to run PostgreSQL")
      }
    }
    try run("initdb", "--no-sync", "--auth=trust", "--username=earshot", "--encoding=UTF8", "-D", data.path)
    if host != nil {
      let rules = try FileHandle(forWritingTo: data.appending(path: "pg_hba.conf"))
      try rules.seekToEnd()
      try rules.write(contentsOf: Data("host all all all trust\n".utf8))
      try rules.close()
    }
    try start()
  }

  /// A shell that starts the server, and stops it when it is told to or when its input ends, as it does with the process of
  /// the tests, however that ends.
  private final class Keeper: Sendable {
    let input = Pipe(), output = Pipe()

    /// What it says next; empty at its end.
    func line() -> String {
      let descriptor = output.fileHandleForReading.fileDescriptor
      var (line, byte) = ([UInt8](), UInt8(0))
      while true {
        let count = read(descriptor, &byte, 1)
        if count < 0, errno == EINTR { continue }
        guard count == 1, byte != UInt8(ascii: "\n") else { break }
        line.append(byte)
      }
      return String(decoding: line, as: UTF8.self)
    }

    /// The shell stops the server.
    deinit { try? input.fileHandleForWriting.close() }
  }

  private let keeper = Mutex<Keeper?>(nil)

  public func start() throws {
    let keeper = Keeper()
    // On a disk that is busy it takes its time to find together what was cut off.
    let control = "\(programs.appending(path: "pg_ctl").path) -w -t 600 -s -D \(data.path)"
    let options =
      "-c listen_addresses=\(host ?? "") -c unix_socket_directories=\(socket.path) -c max_connections=200 -c max_wal_size=256MB"
    let process = prepared(
      "/bin/sh",
      [
        "-c",
        """
        \(control) start -l \(folder.url.path)/log -o '\(options)' </dev/null >/dev/null 2>&1 && echo started || echo failed
        read mode; \(control) stop -m "${mode:-immediate}" </dev/null >/dev/null 2>&1; echo stopped 2>/dev/null
        """,
      ])
    process.standardInput = keeper.input
    process.standardOutput = keeper.output
    try process.run()
    guard keeper.line() == "started" else {
      let log = (try? String(contentsOf: folder.url.appending(path: "log"), encoding: .utf8)) ?? ""
      throw Failure(description: "PostgreSQL does not start: \(log)")
    }
    self.keeper.withLock { $0 = keeper }
  }

  /// - Parameter mode: `fast` ends its connections in order; `immediate` is as a power cut.
  public func stop(_ mode: String = "immediate") throws {
    guard let keeper = keeper.withLock({ $0.take() }) else { return }
    try keeper.input.fileHandleForWriting.write(contentsOf: Data("\(mode)\n".utf8))
    guard keeper.line() == "stopped" else { throw Failure(description: "PostgreSQL does not stop") }
  }

  /// The address of a new database.
  public func database(_ options: String = "") throws -> String {
    let name = made.withLock { made in
      made += 1
      return "records_\(made)"
    }
    try run("createdb", "-h", socket.path, "-U", "earshot", "--template=template0", name)
    return address(name)
  }

  public func address(_ name: String) -> String { "host=\(host ?? socket.path) user=earshot dbname=\(name)" }

  /// Runs a statement as its owner.
  /// - Returns: what it prints, without headings.
  @discardableResult
  public func run(sql: String, in database: String = "postgres") throws -> String {
    try run("psql", "-X", "-q", "-t", "-A", "-h", socket.path, "-U", "earshot", "-d", database, "-c", sql)
  }

  @discardableResult
  private func run(_ program: String, _ arguments: String...) throws -> String {
    let process = prepared(programs.appending(path: program).path, arguments)
    // A server that goes on would hold a pipe open.
    let output = folder.url.appending(path: "output-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: output.path, contents: nil)
    let handle = try FileHandle(forWritingTo: output)
    process.standardOutput = handle
    process.standardError = handle
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let said = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
    try? FileManager.default.removeItem(at: output)
    guard process.terminationStatus == 0 else { throw Failure(description: "\(program): \(said)") }
    return said.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func prepared(_ path: String, _ arguments: [String]) -> Process {
    let process = Process()
    if geteuid() == 0 {
      let words =
        launcher + ["/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--", path] + arguments
      process.executableURL = URL(filePath: words[0])
      process.arguments = Array(words.dropFirst())
    } else {
      process.executableURL = URL(filePath: path)
      process.arguments = arguments
    }
    process.currentDirectoryURL = folder.url
    return process
  }
}
