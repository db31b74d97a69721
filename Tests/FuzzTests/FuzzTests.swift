import Agreement
import Basics
import Foundation
import HTTP
import Neural
import Retrieval
import Sound
import Study
import TestSupport
import Testing
import Trials

/// What comes from outside, spoilt at random, through the public readers: each tells what is wrong or reads it, and none
/// traps, hangs or takes the memory. The draws come from a seed, so that what is found is found again.
///
/// The gate tries a few of each; `make fuzz ROUNDS=20000 SEED=7` tries many. What was tried last lies in `fuzz-NAME` of the
/// temporary folder, which is left where the process ends.
@Suite("Spoilt input", .serialized)
struct FuzzTests {
  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
  private static let rounds = number("EARSHOT_FUZZ_ROUNDS") ?? 60
  private static let seed = UInt64(number("EARSHOT_FUZZ_SEED") ?? 1)

  private let folder = try? TemporaryFolder()

  /// Tries each seed input as it is spoilt in many ways.
  /// - Parameter read: throws where it refuses; an error that is no problem of the input is a fault.
  private func fuzz(
    _ name: String, _ inputs: [Data], file: String, rounds: Int = rounds, _ read: (URL) throws -> Void
  ) throws {
    let folder = try #require(folder).url
    let url = folder.appending(path: file)
    let last = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(name)")
    var random = SeededRandom(seed: Self.seed, name)
    for round in 0..<rounds {
      let spoilt = Spoiler.spoil(inputs[round % inputs.count], others: inputs, &random)
      try spoilt.write(to: url)
      try spoilt.write(to: last)
      do { try read(url) } catch  where error is Problem || error is Problems {} catch {
        Issue.record("\(name), seed \(Self.seed), round \(round): \(error)")
      }
    }
    try? FileManager.default.removeItem(at: last)
  }

  private static func lines(_ lines: String...) -> Data { Data((lines.joined(separator: "\n") + "\n").utf8) }

  @Test("study.yaml")
  func study() throws {
    let yaml = Self.lines(
      "title: {en: T, de: T}", "languages: [en, de]", "consent: {text: ok}",
      "texts: {welcome: Hello, pages: {begin: Go}}",
      "sounds: {queries: q.csv, candidates: c.csv, rankings: r.csv}", "groups: [a, b]",
      "pool: {top_k: 2, max_per_trial: 5, anchor_lowpass_hz: 3500}", "scale: {kind: slider, min: 0, max: 100}",
      "joining: {opens: 2026-12-01T18:00+01:00, hours: 09:00-22:30, frames: [https://a.example], keep: [batch]}",
      "questionnaire:", "  - {id: age, kind: number, text: Age?, min: 16, max: 99}",
      "  - {id: gear, kind: choice, text: Gear?, options: [a, b], shown_if: {age: 3}}",
      "blocks:", "  - {name: one, type: similarity, pause: Rest., trials: {training: 1, seed: 18446744073709551615}}",
      "  - {name: two, type: mushra, groups: [a], anchors: [3500]}")
    let anchors = Data("a: &a [1, *a]\nb: {<<: *a}\nc: !!binary aGk=\n? [x]\n: |\n  y\n".utf8)
    try fuzz("yaml", [yaml, anchors], file: "study.yaml") { url in
      _ = StudyReading(folder: url.deletingLastPathComponent()).problems
    }
  }

  @Test("analysis.yaml")
  func plan() throws {
    try fuzz("plan", [Data(AnalysisPlan.text.utf8)], file: "analysis.yaml") { _ = try AnalysisPlan.read($0) }
  }

  @Test("tables")
  func tables() throws {
    let ratings = Self.lines(
      "participant,query,condition,candidate,rating,is_reference,rated_at",
      "1,q1,kick,c1,50,0,2026-01-01T00:00:00.000Z",
      "1,q1,kick,\"c,2\",7.5e1,1,", "2,q1,kick,c1,NA,0,", "2,\"q\"\"1\",,c1,1e308,0,")
    let semicolon = Data("\u{FEFF}sep=;\r\nquery;system;rank;candidate\r\nq1;s;1;c1\r\nq1;s;2;c2\r\n".utf8)
    let wide = Data([0xff, 0xfe]) + "query,system,candidate,distance\nq,s,c,0.5\n".data(using: .utf16LittleEndian)!
    try fuzz("ratings", [ratings, semicolon, wide], file: "ratings.csv") { _ = try RatingTable.read($0) }
    try fuzz("rankings", [semicolon, wide, ratings], file: "rankings.csv") { _ = try Ranking.read($0) }
    try fuzz("table", [wide, semicolon, ratings], file: "table.csv") { _ = try TableReader.rows($0) }
  }

  @Test("sound files")
  func sounds() throws {
    let folder = try #require(folder).url
    let samples = (0..<600).map { Float(0.5 * sin(Double($0) * 0.1)) }
    let flac = folder.appending(path: "made.flac")
    try AudioFile.write(Clip(channels: [samples, samples], sampleRate: 44100), to: flac, as: .flac16)
    let float = folder.appending(path: "made.wav")
    try AudioFile.write(Clip(mono: samples, sampleRate: 48000), to: float, as: .wavFloat)
    let whole = (0..<600).map { Int16(truncatingIfNeeded: $0 * 50) }
    let inputs = [
      RawSounds.wav(samples), try Data(contentsOf: float), try Data(contentsOf: flac), RawSounds.aiff(whole),
      RawSounds.au(whole), RawSounds.mp3(frames: 4), RawSounds.opus(pages: 3).reduce(Data(), +),
    ]
    try fuzz("sound", inputs, file: "sound", rounds: 3 * Self.rounds) { url in
      let clip = try AudioFile.read(url)
      #expect(clip.frameCount > 0 && clip.frameCount <= AudioFile.Limits.frames)
    }
  }

  @Test("npy and safetensors")
  func numbers() throws {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    let padded = header + String(repeating: " ", count: 117 - header.count) + "\n"
    let numbers = [Float](repeating: 0.5, count: 6).withUnsafeBytes { Data($0) }
    let npy = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, 118, 0]) + Data(padded.utf8) + numbers
    let folder = try #require(folder).url
    for side in ["names.csv", "vectors.csv"] {
      try Data("name,condition\na,\nb,kick\n".utf8).write(to: folder.appending(path: side))
    }
    try fuzz("npy", [npy], file: "vectors.npy") { _ = try VectorTable($0) }
    let text = #"{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"__metadata__":{"kind":"conditional"}}"#
    let size = withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Data($0) }
    try fuzz("safetensors", [size + Data(text.utf8) + numbers], file: "model.safetensors") {
      _ = try ModelFile.read($0)
    }
  }

  @Test("requests")
  func requests() throws {
    let router = Router([
      .get("/t/:token", { request in .now(.text("\(request.query.count) \(request.cookies("a").count)")) }),
      .post("/api/*rest", { request in .now(.text("\(request.body.count)")) }),
    ])
    let server = try Server(port: 0, handler: router.handle)
    defer { server.stop() }
    let inputs = [
      "GET /t/a%20b?x=1&y=%C3%A4&x=+ HTTP/1.1\r\nHost: x\r\nCookie: a=1; b=2\r\nRange: bytes=0-5\r\nConnection: close\r\n\r\n",
      "POST /api/x/y HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nX-Forwarded-For: 1.2.3.4, [::1]:80\r\nConnection: close\r\n\r\nhello",
      "POST /api/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ].map { Data($0.utf8) }
    var random = SeededRandom(seed: Self.seed, "requests")
    for round in 0..<(2 * Self.rounds) {
      let connection = try WireClient.Connection(port: server.port)
      connection.write(Spoiler.spoil(inputs[round % inputs.count], others: inputs, &random))
      // Whatever is answered is not waited for: many of these are never complete.
      connection.finishWriting()
    }
    #expect(try WireClient(port: server.port).get("/t/a").status == 200)
  }
}
