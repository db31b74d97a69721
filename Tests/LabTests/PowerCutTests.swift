import Foundation
import Synchronization
import TestSupport
import Testing

/// A power cut loses whatever was written but not synced, so a real server's system calls and disk are watched from
/// outside.
@Suite("What is acknowledged survives a power cut", .serialized)
struct PowerCutTests {
  /// Runs a program to its end and returns its exit status, or nil if there is no such program.
  @discardableResult
  static func run(_ program: String, _ arguments: String...) -> Int32? {
    let folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    guard let path = folders.map({ "\($0)/\(program)" }).first(where: FileManager.default.isExecutableFile) else {
      return nil
    }
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Whether strace is installed and may trace programs.
  static let canTrace = run("strace", "-o", "/dev/null", "/bin/true") == 0

  /// Whether a file can be mounted as a disk, which needs root and loop devices.
  static let canMount = (try? Disk().unmount()) != nil

  @Test(
    "every acknowledgement follows a sync of the log, and the first also a sync of the files' names",
    .enabled(if: canTrace, "strace is not there or may not trace"))
  func traced() throws {
    let folder = try TemporaryFolder()
    try KillTests.writeStudy(folder.url)
    let trace = folder.url.appending(path: "trace")
    // -D: the server, not strace, is this process's child.
    let server = try RunningServer(
      folder.url,
      launcher: [
        "/usr/bin/strace", "-D", "-f", "-y", "-s", "16", "-o", trace.path, "-e",
        "trace=write,pwrite64,fsync,fdatasync,sendto,sendmsg,writev",
      ])
    let client = WireClient(port: server.port)
    var saves = 0
    for _ in 0..<20 {
      let reply = try client.post("/api/sessions", ["key": UUID().uuidString, "language": "en", "consent": true])
      #expect(reply.status == 201)
      let token = try #require(try reply.json()["token"] as? String)
      for step in ["volume", "instructions"] {
        let answer = try client.post(
          "/api/sessions/\(token)/responses", ["key": UUID().uuidString, "step": step])
        #expect(answer.status == 201)
      }
      saves += 3
    }
    #expect(server.stop() == 0)

    var isUnsynced = false
    var (acknowledged, syncs) = (0, 0)
    var begun: [Substring: String] = [:]
    var syncedFirst: Set<String> = []
    for line in try String(contentsOf: trace, encoding: .utf8).split(separator: "\n") {
      guard let process = line.split(separator: " ").first else { continue }
      var call = String(line)
      if call.contains("<unfinished ...>") { begun[process] = call }
      if call.contains(" resumed>") { call = (begun.removeValue(forKey: process) ?? "") + call }
      let isOfLog = call.contains("records.sqlite-wal>")
      if isOfLog, call.contains("write") { isUnsynced = true }
      if call.contains("sync("), call.contains(" = 0"), let path = call.firstMatch(of: /sync\([0-9]+<([^>]*)>/) {
        if acknowledged == 0 { syncedFirst.insert(String(path.1)) }
        if isOfLog {
          isUnsynced = false
          syncs += 1
        }
      }
      if call.contains("HTTP/1.1 201"), !call.contains(" resumed>") {
        acknowledged += 1
        #expect(!isUnsynced, "answer \(acknowledged) was acknowledged before the log was synced")
      }
    }
    #expect(acknowledged == saves)
    #expect(syncs >= saves, "\(syncs) syncs for \(saves) saves, one after the other")
    let data = folder.url.appending(path: "data").resolvingSymlinksInPath().path
    for path in [data, "\(data)/records.sqlite", "\(data)/records.sqlite-wal"] {
      #expect(syncedFirst.contains(path), "\(path) was not synced before the first answer")
    }
  }

  /// A mounted disk in a file, with an ext4 file system.
  final class Disk {
    let folder: TemporaryFolder
    var image: URL { folder.url.appending(path: "image") }
    var mounted: URL { folder.url.appending(path: "disk") }

    convenience init() throws {
      try self.init { image in
        guard PowerCutTests.run("truncate", "-s", "96M", image.path) == 0,
          PowerCutTests.run("mkfs.ext4", "-q", "-F", image.path) == 0
        else { throw CocoaError(.featureUnsupported) }
      }
    }

    private init(_ make: (URL) throws -> Void) throws {
      folder = try TemporaryFolder()
      try make(image)
      try FileManager.default.createDirectory(at: mounted, withIntermediateDirectories: true)
      guard PowerCutTests.run("mount", "-o", "loop", image.path, mounted.path) == 0 else {
        throw CocoaError(.featureUnsupported)
      }
    }

    /// A second disk with this disk's present bytes.
    func copy() throws -> Disk {
      try Disk { target in
        guard PowerCutTests.run("cp", "--sparse=always", image.path, target.path) == 0 else {
          throw CocoaError(.fileWriteUnknown)
        }
      }
    }

    /// Fills up the disk until the returned file is removed.
    func fill() -> URL {
      let file = mounted.appending(path: "filler")
      PowerCutTests.run("dd", "if=/dev/zero", "of=\(file.path)", "bs=64k", "status=none")
      return file
    }

    func unmount() throws {
      guard PowerCutTests.run("umount", mounted.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    deinit {
      // A lazy unmount, since files may still be open: the mount point must be empty before it is removed.
      PowerCutTests.run("umount", "-l", mounted.path)
    }
  }
}

@Suite("The server and its file descriptors", .serialized)
struct DescriptorTests {
  /// Sets how many descriptors a running process may have open.
  static func limit(_ process: Int32, _ count: Int) -> Bool {
    PowerCutTests.run("prlimit", "--pid", "\(process)", "--nofile=\(count):4096") == 0
  }

  /// The CPU time that a process has used, in hundredths of a second.
  static func ticks(_ process: Int32) -> Int {
    let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    return fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
  }

  @Test("with few descriptors it accepts fewer connections, and newcomers still get in")
  func few() throws {
    let folder = try TemporaryFolder()
    try KillTests.writeStudy(folder.url)
    let server = try RunningServer(
      folder.url, launcher: ["/bin/sh", "-c", "ulimit -n 128; exec \"$0\" \"$@\""])
    defer { server.stop() }
    let slow = try (0..<300).map { _ in
      let connection = try WireClient.Connection(port: server.port, from: "127.0.0.2")
      connection.write(Data("GET /".utf8))
      return connection
    }
    for _ in 0..<5 {
      let newcomer = try WireClient.Connection(port: server.port, patience: 2)
      newcomer.write(Data("GET /assets/lab.html HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
      #expect(try newcomer.read()?.status == 200)
    }
    #expect(slow.count { !$0.closes(within: 0) } < 128)
  }

  @Test("without descriptors it says that it is busy, not that a page is missing; it does not spin, and it recovers")
  func none() throws {
    let folder = try TemporaryFolder()
    try KillTests.writeStudy(folder.url)
    let server = try RunningServer(folder.url)
    defer { server.stop() }
    func ask(_ connection: WireClient.Connection, _ path: String) throws -> WireClient.Reply? {
      connection.write(Data("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
      return try connection.read()
    }
    let kept = try WireClient.Connection(port: server.port)
    #expect(try ask(kept, "/")?.status == 200)
    #expect(Self.limit(server.identifier, 8))
    for path in ["/", "/assets/index.html"] {
      let reply = try ask(kept, path)
      #expect(reply?.status == 503, "\(path)")
      #expect(reply?.errorCode == "busy", "\(path)")
    }
    let newcomer = try WireClient.Connection(port: server.port)
    newcomer.write(Data("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
    let before = Self.ticks(server.identifier)
    #expect(!newcomer.closes(within: 1000))
    #expect(Self.ticks(server.identifier) - before < 50, "it worked more than half of the time, for nothing")
    #expect(Self.limit(server.identifier, 1024))
    #expect(try newcomer.read()?.status == 200)
  }
}
