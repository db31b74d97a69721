import Foundation
import Synchronization

/// The tests' own PostgreSQL server, in a folder that is removed with it. It listens on a socket in this folder, and on
/// the network only if a host of the tests is given.
public final class PostgresServer: Sendable {
  public struct Failure: Error, CustomStringConvertible { public var description: String }

  private let folder: TemporaryFolder
  private let programs: URL
  private let launcher: [String]
  private let host: String?
  private let made = Mutex(0)
  private var data: URL { folder.url.appending(path: "data") }
  private var socket: URL { folder.url }

  /// A server that all tests of a run share; it ends with the process.
  public static let shared = Result { try PostgresServer() }

  /// - Parameters:
  ///   - host: an address to listen on, which must reach trusted clients only, as everyone is let in; nil for none.
  ///   - launcher: a program and its arguments that run the server, as root does inside another host.
  public init(at host: String? = nil, launcher: [String] = []) throws {
    (self.host, self.launcher) = (host, launcher)
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
    guard let newest = versions.compactMap(Int.init).max() else {
      throw Failure(description: "PostgreSQL is not installed: ./setup.sh test")
    }
    programs = URL(filePath: "/usr/lib/postgresql/\(newest)/bin")
    folder = try TemporaryFolder()
    if geteuid() == 0 {
      // PostgreSQL refuses to run as root.
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

  /// A shell that starts the server. It stops the server when told to, or when its input ends, which also happens
  /// however the tests' process ends.
  private final class Keeper: Sendable {
    let input = Pipe(), output = Pipe()

    /// The next line of its output; empty at the end.
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

    /// Makes the shell stop the server.
    deinit { try? input.fileHandleForWriting.close() }
  }

  private let keeper = Mutex<Keeper?>(nil)

  public func start() throws {
    let keeper = Keeper()
    // Recovery after an immediate stop can take a long time on a busy disk.
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

  /// - Parameter mode: `fast` closes connections in an orderly way; `immediate` acts like a power cut.
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

  /// Runs a statement as the server's owner.
  /// - Returns: the output, without headings.
  @discardableResult
  public func run(sql: String, in database: String = "postgres") throws -> String {
    try run("psql", "-X", "-q", "-t", "-A", "-h", socket.path, "-U", "earshot", "-d", database, "-c", sql)
  }

  @discardableResult
  private func run(_ program: String, _ arguments: String...) throws -> String {
    let process = prepared(programs.appending(path: program).path, arguments)
    // A server that keeps running would hold a pipe open, so the output goes to a file.
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
