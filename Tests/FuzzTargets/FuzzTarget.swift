import Agreement
import Basics
import Foundation
import HTTP
import Interface
import Neural
import Ratings
import Retrieval
import Sound
import Study
import TestSupport
import Trials

/// A kind of outside data and its public reader.
public struct FuzzTarget: Sendable {
  public let name: String
  /// The name of its file.
  public let file: String
  /// Valid files.
  public let seeds: [Data]
  /// How often it is tried, relative to the others.
  public var weight = 1
  /// Reads a file. It may throw `Problem` or `Problems`; anything else is a fault.
  public let read: @Sendable (URL) throws -> Void

  /// - Parameter folder: an existing folder for the files that others are read together with.
  public static func all(in folder: URL) throws -> [FuzzTarget] {
    [study, plan] + tables + [try sounds(folder)] + (try numbers(folder)) + [try requests(), bodies]
  }

  private static func lines(_ lines: String...) -> Data { Data((lines.joined(separator: "\n") + "\n").utf8) }

  private static var study: FuzzTarget {
    let yaml = lines(
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
    return FuzzTarget(name: "yaml", file: "study.yaml", seeds: [yaml, anchors]) { url in
      _ = StudyReading(folder: url.deletingLastPathComponent()).problems
    }
  }

  private static var plan: FuzzTarget {
    FuzzTarget(name: "plan", file: "analysis.yaml", seeds: [Data(AnalysisPlan.text.utf8)]) {
      _ = try AnalysisPlan.read($0)
    }
  }

  private static var tables: [FuzzTarget] {
    let ratings = lines(
      "participant,query,condition,candidate,rating,is_reference,rated_at",
      "1,q1,kick,c1,50,0,2026-01-01T00:00:00.000Z",
      "1,q1,kick,\"c,2\",7.5e1,1,", "2,q1,kick,c1,NA,0,", "2,\"q\"\"1\",,c1,1e308,0,")
    let semicolon = Data("\u{FEFF}sep=;\r\nquery;system;rank;candidate\r\nq1;s;1;c1\r\nq1;s;2;c2\r\n".utf8)
    let wide = Data([0xff, 0xfe]) + "query,system,candidate,distance\nq,s,c,0.5\n".data(using: .utf16LittleEndian)!
    return [
      FuzzTarget(name: "ratings", file: "ratings.csv", seeds: [ratings, semicolon, wide]) {
        _ = try RatingTable.read($0)
      },
      FuzzTarget(name: "rankings", file: "rankings.csv", seeds: [semicolon, wide, ratings]) {
        _ = try Ranking.read($0)
      },
      FuzzTarget(name: "table", file: "table.csv", seeds: [wide, semicolon, ratings]) { _ = try TableReader.rows($0) },
    ]
  }

  private static func sounds(_ folder: URL) throws -> FuzzTarget {
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
    return FuzzTarget(name: "sound", file: "sound", seeds: inputs, weight: 3) { url in
      let clip = try AudioFile.read(url)
      guard clip.frameCount > 0 && clip.frameCount <= AudioFile.Limits.frames else {
        throw Fault("a clip of \(clip.frameCount) frames")
      }
    }
  }

  private static func numbers(_ folder: URL) throws -> [FuzzTarget] {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    let padded = header + String(repeating: " ", count: 117 - header.count) + "\n"
    let numbers = [Float](repeating: 0.5, count: 6).withUnsafeBytes { Data($0) }
    let npy = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, 118, 0]) + Data(padded.utf8) + numbers
    for side in ["names.csv", "vectors.csv"] {
      try Data("name,condition\na,\nb,kick\n".utf8).write(to: folder.appending(path: side))
    }
    let text = #"{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"__metadata__":{"kind":"conditional"}}"#
    let size = withUnsafeBytes(of: UInt64(text.utf8.count).littleEndian) { Data($0) }
    return [
      FuzzTarget(name: "npy", file: "vectors.npy", seeds: [npy]) { _ = try VectorTable($0) },
      FuzzTarget(name: "safetensors", file: "model.safetensors", seeds: [size + Data(text.utf8) + numbers]) {
        _ = try ModelFile.read($0)
      },
    ]
  }

  /// Requests to a server that lives as long as the process, and must answer a valid request after each of them.
  private static func requests() throws -> FuzzTarget {
    let router = Router([
      .get("/t/:token", { request in .now(.text("\(request.query.count) \(request.cookies("a").count)")) }),
      .post("/api/*rest", { request in .now(.text("\(request.body.count)")) }),
    ])
    let server = try Server(port: 0, handler: router.handle)
    let inputs = [
      "GET /t/a%20b?x=1&y=%C3%A4&x=+ HTTP/1.1\r\nHost: x\r\nCookie: a=1; b=2\r\nRange: bytes=0-5\r\nConnection: close\r\n\r\n",
      "POST /api/x/y HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nX-Forwarded-For: 1.2.3.4, [::1]:80\r\nConnection: close\r\n\r\nhello",
      "POST /api/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ].map { Data($0.utf8) }
    return FuzzTarget(name: "requests", file: "request", seeds: inputs, weight: 2) { url in
      let connection = try WireClient.Connection(port: server.port)
      connection.write(try Data(contentsOf: url))
      // Replies are not waited for, since many of these requests are never complete.
      connection.finishWriting()
      guard try WireClient(port: server.port).get("/t/a").status == 200 else {
        throw Fault("nothing right is answered")
      }
    }
  }

  /// The JSON that pages send, decoded as each kind of body.
  private static var bodies: FuzzTarget {
    let inputs = [
      #"{"key":"6f9619ff-8b86-4d01-b42d-00cf4fc964ff","language":"en","consent":true,"parameters":[["PROLIFIC_PID","a"]]}"#,
      #"{"key":"k","step":"questionnaire","number":1,"answers":{"age":31,"gear":["a"],"why":"\u00e4"},"response_ms":1.5}"#,
      #"{"key":"k","step":"headphones","answers":[1,2,3],"device":{"sample_rate":48000,"channels":2,"latency_ms":null}}"#,
      #"{"key":"k","step":"trial","trial":2,"ratings":[{"position":"A","rating":50,"plays":1,"listened_ms":900}]}"#,
      #"{"key":"k","events":[{"at_ms":12,"kind":"play","trial":1,"stimulus":"query","value":3}]}"#,
      #"{"key":"k","step":"trial","trial":1,"status":409,"code":"study_changed","body":"{}","outcome":"no_consent"}"#,
    ].map { Data($0.utf8) }
    let kinds: [any (Decodable & SendableMetatype).Type] = [
      JoinBody.self, ReturnBody.self, LeaveBody.self, WithdrawBody.self, ResponseBody.self, EventsBody.self,
      RefusedBody.self, ExclusionBody.self, SignInBody.self, SignOutBody.self, PurgeBody.self, MessageBody.self,
      MakeReportBody.self,
    ]
    return FuzzTarget(name: "bodies", file: "body.json", seeds: inputs) { url in
      let decoder = JSONDecoder()
      let data = try Data(contentsOf: url)
      for kind in kinds {
        do { _ = try decoder.decode(kind, from: data) } catch is DecodingError {}
      }
    }
  }
}

/// Something that no reader may do.
struct Fault: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
