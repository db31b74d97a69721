import Basics
import Foundation
import Retrieval
import Sound
import Synchronization
import TestSupport
import Testing

@Suite("Features cached by content")
struct FeatureStoreTests {
  /// Counts how often it is called.
  final class Counting: FeatureExtractor {
    let asked = Atomic<Int>(0)
    let version: Int

    init(version: Int = 1) { self.version = version }

    var identity: String { "counting \(version)" }

    func features(of samples: [Float]) -> Features {
      asked.add(1, ordering: .relaxed)
      return Features(columns: 2, values: [Float(samples.count), samples[0], -.pi, 1e-30])
    }
  }

  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")
  let sound: URL

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    sound = folder.appending(path: "a.wav")
    try AudioFile.write(Clip(mono: [0.5, 0.25, 0.125], sampleRate: 44100), to: sound, as: .wavFloat)
  }

  var store: FeatureStore { FeatureStore(folder: folder.appending(path: "features")) }

  private func entries() throws -> [URL] {
    let all = FileManager.default.enumerator(at: folder.appending(path: "features"), includingPropertiesForKeys: nil)
    return (all?.compactMap { $0 as? URL } ?? []).filter { !$0.hasDirectoryPath }
  }

  @Test("features are computed once, whatever the file is called")
  func once() throws {
    let counting = Counting()
    let first = try store.features(of: sound, by: counting)
    let copy = folder.appending(path: "copy.wav")
    try FileManager.default.copyItem(at: sound, to: copy)
    #expect(try store.features(of: copy, by: counting) == first)
    #expect(counting.asked.load(ordering: .relaxed) == 1)
    #expect(first.rows == 2 && first.values[0] == 3 && first.values[1] == 0.5)
  }

  @Test("another sound or another version is computed anew")
  func changed() throws {
    let counting = Counting(), newer = Counting(version: 2)
    _ = try store.features(of: sound, by: counting)
    _ = try store.features(of: sound, by: newer)
    try AudioFile.write(Clip(mono: [0.75], sampleRate: 44100), to: sound, as: .wavFloat)
    #expect(try store.features(of: sound, by: counting).values[1] == 0.75)
    #expect(counting.asked.load(ordering: .relaxed) == 2 && newer.asked.load(ordering: .relaxed) == 1)
  }

  @Test("a damaged entry is computed again and replaced", arguments: [0, 12, 20, 40])
  func damaged(at place: Int) throws {
    let counting = Counting()
    let right = try store.features(of: sound, by: counting)
    let entry = try #require(try entries().first)
    var bytes = try Data(contentsOf: entry)
    bytes[place] ^= 0x40
    try bytes.write(to: entry)
    #expect(try store.features(of: sound, by: counting) == right)
    try bytes.prefix(30).write(to: entry)
    #expect(try store.features(of: sound, by: counting) == right)
    #expect(try store.features(of: sound, by: counting) == right)
    #expect(counting.asked.load(ordering: .relaxed) == 3)
  }

  @Test("other sample rates are converted to 44.1 kHz, and channels to one")
  func heard() throws {
    let stereo = folder.appending(path: "b.wav")
    let left = [Float](repeating: 0.5, count: 48000), right = [Float](repeating: 0, count: 48000)
    try AudioFile.write(Clip(channels: [left, right], sampleRate: 48000), to: stereo, as: .wavFloat)
    let features = try FeatureStore(folder: nil).features(of: stereo, by: Counting())
    #expect(features.values[0] == 44100)
  }

  /// Returns values that are not numbers, as an extractor once did when its sums overflowed.
  struct Overflowing: FeatureExtractor {
    let identity = "overflowing"
    var values: [Float]
    func features(of samples: [Float]) -> Features { Features(columns: 2, values: values) }
  }

  @Test("values that are not numbers are neither returned nor stored", arguments: [Float.nan, .infinity])
  func notNumbers(value: Float) throws {
    #expect { try store.features(of: sound, by: Overflowing(values: [1, value])) } throws: {
      "\($0)".contains("a.wav") && "\($0)".contains("are not numbers")
    }
    #expect(try entries().isEmpty)
  }

  @Test("an older entry with values that are not numbers is computed again")
  func oldEntry() throws {
    let good = Overflowing(values: [1, 2])
    _ = try store.features(of: sound, by: good)
    let entry = try #require(try entries().first)
    // In the older format, the values begin at byte 16, and a hash of everything before it ends the file.
    var bytes = try Data(contentsOf: entry).dropLast(64)
    bytes.replaceSubrange(20..<24, with: [0, 0, 0xc0, 0x7f])
    try (bytes + Data(ContentHash.of(bytes).utf8)).write(to: entry)
    #expect(try store.features(of: sound, by: good).values == [1, 2])
  }

  @Test("all unreadable files are named at once, each once")
  func all() throws {
    let names = ["none.wav", "nan.wav", "none.wav", "cut.wav"]
    try RawSounds.wav([0.5, .nan]).write(to: folder.appending(path: "nan.wav"))
    try RawSounds.wav([0.5, 0.5]).dropLast(4).write(to: folder.appending(path: "cut.wav"))
    do {
      try store.check([sound] + names.map { folder.appending(path: $0) })
      Issue.record("broken sounds were taken")
    } catch let problems as Problems {
      #expect(problems.list.count == 3 && problems.list.allSatisfy { $0.place != nil })
    }
  }

  @Test("an unreadable file is named")
  func unreadable() {
    #expect { try store.features(of: folder.appending(path: "none.wav"), by: Counting()) } throws: {
      "\($0)".contains("none.wav")
    }
  }
}
