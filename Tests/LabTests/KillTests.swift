import Basics
import Foundation
import Records
import RecordsSQLite
import Sound
import Synchronization
import TestSupport
import Testing

@Suite("The server as a process")
struct KillTests {
  @Test("a server that is stopped as soon as it reports that it serves shuts down properly", arguments: 1...5)
  func stopAtOnce(_: Int) throws {
    let folder = try TemporaryFolder()
    try Self.writeStudy(folder.url)
    #expect(try RunningServer(folder.url).stop() == 0)
  }

  @Test("SIGTERM shuts the server down properly, and a requested port that is taken is an error")
  func stop() throws {
    let folder = try TemporaryFolder()
    try Self.writeStudy(folder.url)
    let first = try RunningServer(folder.url)
    do {
      try RunningServer(folder.url, port: first.port, data: folder.url.appending(path: "other")).stop()
      Issue.record("another port than the one that was asked for")
    } catch { #expect("\(error)".contains("Port \(first.port) of 127.0.0.1 is used by another program"), "\(error)") }
    #expect(first.stop() == 0)
  }

  @Test("a program that reads the records beside the server and exits loses no answers")
  func reader() throws {
    let folder = try TemporaryFolder()
    try Self.writeStudy(folder.url)
    let first = try RunningServer(folder.url)
    let client = WireClient(port: first.port)
    func join() throws -> Int {
      try client.post("/api/sessions", ["key": UUID().uuidString, "language": "en", "consent": true]).status
    }
    #expect(try join() == 201)
    for words in [["export"], ["doctor"], ["backup"]] {
      let program = Process()
      program.executableURL = RunningServer.program
      program.arguments = words + [folder.url.path] + (words == ["backup"] ? [folder.url.path + "/copy"] : [])
      program.standardOutput = FileHandle.nullDevice
      program.standardError = FileHandle.nullDevice
      try program.run()
      program.waitUntilExit()
      #expect(program.terminationStatus == 0, "\(words)")
      #expect(try join() == 201)
    }
    first.kill()
    let records = try Records(folder.url.appending(path: "data/records.sqlite"))
    #expect(try records.overview().joined == 4)
    records.close()
  }

  @Test("a data folder has one server at a time; exports work meanwhile, and killing the server frees the folder")
  func oneServer() throws {
    let folder = try TemporaryFolder()
    try Self.writeStudy(folder.url)
    let first = try RunningServer(folder.url)
    do {
      let second = try RunningServer(folder.url)
      second.stop()
      Issue.record("two servers on one data folder")
    } catch { #expect("\(error)".contains("already being served"), "\(error)") }
    #expect(try WireClient(port: first.port).get("/api/study").status == 200)
    let export = Process()
    export.executableURL = RunningServer.program
    export.arguments = ["export", folder.url.path]
    export.standardOutput = FileHandle.nullDevice
    try export.run()
    export.waitUntilExit()
    #expect(export.terminationStatus == 0)
    first.kill()
    #expect(try RunningServer(folder.url).stop() == 0)
  }

  /// Writes a study that the command can serve: two loops, one class, no headphone check, no questions.
  static func writeStudy(_ folder: URL) throws {
    func noise(_ name: String, seconds: Double) throws {
      var random = SeededRandom(seed: 3, name)
      let samples = (0..<Int(seconds * 44100)).map { _ in Float(0.1 * random.normal()) }
      try AudioFile.write(Clip(mono: samples, sampleRate: 44100), to: folder.appending(path: "\(name).wav"), as: .wav16)
    }
    let candidates = (1...6).map { "c\($0)" }
    for name in candidates { try noise(name, seconds: 0.3) }
    for name in ["q1", "q2"] { try noise(name, seconds: 1) }
    var tables = [
      "library.csv": "candidate,condition,file,licence,source\n", "mixes.csv": "query,condition,file,reference\n",
      "rankings.csv": "query,condition,system,rank,candidate\n",
    ]
    for name in candidates { tables["library.csv", default: ""] += "\(name),kick,\(name).wav,CC0,generated\n" }
    for (query, reference) in [("q1", "c1"), ("q2", "c2")] {
      tables["mixes.csv", default: ""] += "\(query),kick,\(query).wav,\(reference)\n"
      for (i, name) in candidates.enumerated() {
        tables["rankings.csv", default: ""] += "\(query),kick,one,\(i + 1),\(name)\n"
      }
    }
    tables["study.yaml"] = """
      title: A study to be killed
      consent:
        text: We keep your answers.
      sounds:
        queries: mixes.csv
        candidates: library.csv
        rankings: rankings.csv
      trials:
        catches: 0
        repeats: 0
      headphones:
        check: false
      joining:
        per_minute: 0  # All of them come from one address.

      """
    for (name, text) in tables { try Data(text.utf8).write(to: folder.appending(path: name)) }
  }
}

/// Listeners who keep joining and answering, and note what was acknowledged.
final class Savers: Sendable {
  struct Acknowledged: Sendable {
    /// Tokens by session key.
    var sessions: [String: String] = [:]
    var responses: [(token: String, body: String)] = []

    var count: Int { sessions.count + responses.count }

    /// What a server has lost, found by sending everything again. For anything that it has, it says so and stores
    /// nothing.
    func missing(port: Int) throws -> [String] {
      let client = WireClient(port: port)
      var missing: [String] = []
      for (key, token) in sessions {
        let reply = try client.post("/api/sessions", ["key": key, "language": "en", "consent": true])
        let known = reply.status == 200 ? try reply.json()["token"] as? String : nil
        if known != token { missing.append("\(reply.status): the session \(key)") }
      }
      for (token, body) in responses {
        let reply = try client.request(
          "POST", "/api/sessions/\(token)/responses", ["Content-Type": "application/json"], body: Data(body.utf8))
        if reply.status != 200 { missing.append("\(reply.status): \(body)") }
      }
      return missing
    }
  }

  private struct State {
    var acknowledged = Acknowledged()
    var attempted = 0
    var working: Int
    var isOver = false
  }
  private let state: Mutex<State>
  private let client: WireClient

  var acknowledged: Acknowledged { state.withLock(\.acknowledged) }
  /// The number of requests sent.
  var attempted: Int { state.withLock(\.attempted) }

  /// Starts the workers; each goes on until a request is not acknowledged.
  init(port: Int, workers: Int = 6) {
    client = WireClient(port: port)
    state = Mutex(State(working: workers))
    for worker in 0..<workers {
      Thread.detachNewThread { [self] in
        while !state.withLock(\.isOver), takePart(worker) {}
        state.withLock { $0.working -= 1 }
      }
    }
  }

  /// Joins and answers two steps; false if a request was not acknowledged.
  private func takePart(_ worker: Int) -> Bool {
    let key = UUID().uuidString
    state.withLock { $0.attempted += 1 }
    guard let reply = try? client.post("/api/sessions", ["key": key, "language": "en", "consent": true]),
      reply.status == 201, let token = try? reply.json()["token"] as? String
    else { return false }
    state.withLock { $0.acknowledged.sessions[key] = token }
    for step in ["volume", "instructions"] {
      let body = #"{"key":"\#(UUID().uuidString)","step":"\#(step)","response_ms":\#(worker)}"#
      state.withLock { $0.attempted += 1 }
      let answer = try? client.request(
        "POST", "/api/sessions/\(token)/responses", ["Content-Type": "application/json"], body: Data(body.utf8))
      guard answer?.status == 201 else { return false }
      state.withLock { $0.acknowledged.responses.append((token, body)) }
    }
    return true
  }

  /// Waits until `count` answers are acknowledged or all workers have stopped.
  func reach(_ count: Int) { wait { $0.acknowledged.responses.count >= count || $0.working == 0 } }

  /// Waits until all workers have stopped, because a request was not acknowledged or because they were told to.
  /// - Parameter telling: whether the workers are told to start nothing new.
  func end(telling: Bool = true) {
    if telling { state.withLock { $0.isOver = true } }
    wait { $0.working == 0 }
  }

  private func wait(until isSo: (borrowing State) -> Bool) {
    let patience = ContinuousClock.now + .seconds(60)
    while !state.withLock({ isSo($0) }), ContinuousClock.now < patience { usleep(5_000) }
  }
}

/// `earshot serve` as its own process: the program built with these tests, or the one that `EARSHOT_BIN` names.
final class RunningServer {
  let port: Int
  private let process = Process()
  private let said = Said()

  /// Drains standard error: otherwise the server would block once the pipe is full.
  private final class Said: Sendable {
    let pipe = Pipe()
    private let text = Mutex(Data())
    private let ended = DispatchSemaphore(value: 0)

    init() {
      Thread.detachNewThread { [self] in
        while true {
          let piece = pipe.fileHandleForReading.availableData
          if piece.isEmpty { break }
          text.withLock { $0 += piece }
        }
        ended.signal()
      }
    }

    /// The whole text, after the process has ended.
    func whole() -> String {
      ended.wait()
      return text.withLock { String(decoding: $0, as: UTF8.self) }
    }
  }

  static let program =
    ProcessInfo.processInfo.environment["EARSHOT_BIN"].map { URL(filePath: $0) }
    ?? URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "earshot")

  /// - Parameters:
  ///   - launcher: a program and its arguments that run the server, in the same process or as a child.
  ///   - options: further options of `earshot serve`.
  init(
    _ study: URL, port: Int = 0, data: URL? = nil, launcher: [String] = [], options: [String] = []
  ) throws {
    let words =
      launcher + [Self.program.path, "serve", study.path, "--port", String(port)]
      + (data.map { ["--data", $0.path] } ?? []) + options
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst())
    let output = Pipe()
    process.standardOutput = output
    process.standardError = said.pipe
    try process.run()
    var text = ""
    while !text.contains("Stop with") {
      let piece = output.fileHandleForReading.availableData
      if piece.isEmpty { break }
      text += String(decoding: piece, as: UTF8.self)
    }
    guard let port = text.firstMatch(of: /127\.0\.0\.1:([0-9]+)\//).flatMap({ Int($0.1) }) else {
      process.terminate()
      process.waitUntilExit()
      throw WireClient.Failure(description: text + said.whole())
    }
    self.port = port
  }

  /// Makes the server read its study again.
  func reload() { Foundation.kill(process.processIdentifier, SIGHUP) }

  var identifier: Int32 { process.processIdentifier }

  func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Stops the server and returns its exit status. After 30 seconds it is killed, which gives status 9.
  @discardableResult
  func stop() -> Int32 {
    if process.isRunning { process.terminate() }
    let patience = ContinuousClock.now + .seconds(30)
    while process.isRunning, ContinuousClock.now < patience { usleep(5_000) }
    if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    return process.terminationStatus
  }
}
