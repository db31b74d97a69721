import Basics
import Foundation
import Sound
import TestSupport
import Testing

@Suite("Sounds that are cut off, damaged or not numbers")
struct BrokenSoundTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  static let tone: [Float] = (0..<20000).map { 0.4 * sinf(Float($0) * 0.05) }
  static let whole: [Int16] = tone.map { Int16($0 * 32767) }

  /// What is reported for a file with this content; nil if it is read.
  private func complaint(_ data: Data, _ name: String = "odd.wav") throws -> String? {
    let url = folder.appending(path: name)
    try data.write(to: url)
    do { _ = try AudioFile.read(url) } catch let problem as Problem {
      #expect(problem.place?.file.hasSuffix(name) == true && !problem.mend.isEmpty)
      return problem.what
    }
    return nil
  }

  private func frames(_ data: Data, _ name: String = "odd.wav") throws -> Int {
    let url = folder.appending(path: name)
    try data.write(to: url)
    return try AudioFile.read(url).frameCount
  }

  private func flac() throws -> Data {
    var random = SeededRandom(seed: 1, "noise")
    let url = folder.appending(path: "whole.flac")
    let noise = Clip(mono: Self.tone.map { $0 + Float(random.uniform(-0.1...0.1)) }, sampleRate: 44100)
    try AudioFile.write(noise, to: url, as: .flac16)
    return try Data(contentsOf: url)
  }

  @Test(
    "one sample that is not a number, wherever it is, is reported with its place",
    arguments: [Float.nan, .infinity, -.infinity, 3e38, -1e20, .signalingNaN], [0, 9999, 19999])
  func notNumbers(value: Float, place: Int) throws {
    var samples = Self.tone
    samples[place] = value
    let said = try #require(try complaint(RawSounds.wav(samples)))
    #expect(said.contains("not numbers") && said.contains(String(format: "%.3f s", Double(place) / 44100)))
    // Only in the second of two channels.
    let stereo = zip(Self.tone, samples).flatMap { [$0, $1] }
    #expect(try complaint(RawSounds.wav(stereo, channels: 2))?.contains("not numbers") == true)
  }

  @Test("64-bit samples beyond 32 bits are not numbers either; the range of unscaled integers is accepted")
  func bounds() throws {
    #expect(try complaint(RawSounds.wideWAV([0.1, 1e300, 0.1]))?.contains("not numbers") == true)
    #expect(try complaint(RawSounds.wav([0.5, -2_147_483_648, 0.5])) == nil)
  }

  @Test("a clip with values that are not numbers is not written")
  func writing() {
    let url = folder.appending(path: "out.flac")
    #expect { try AudioFile.write(Clip(mono: [0, .nan], sampleRate: 44100), to: url, as: .flac16) } throws: {
      "\($0)".contains("not numbers")
    }
    #expect(!FileManager.default.fileExists(atPath: url.path))
  }

  @Test("a WAV file that is cut off is reported with both lengths", arguments: [0.3, 0.9])
  func cutWAV(share: Double) throws {
    let file = RawSounds.wav(Self.tone)
    let said = try complaint(file.prefix(44 + Int(share * 80000)))
    #expect(
      said == "the sound file ends early: it has only \(String(format: "%.3f", share * 20000 / 44100)) s of 0.454 s")
    #expect(try complaint(file.dropLast(4))?.contains("ends early") == true, "one frame is missing")
    #expect(try frames(file.dropLast(0) + Data("junk!".utf8)) == 20000)
    #expect(try complaint(file.prefix(44))?.contains("ends early") == true, "all is missing")
  }

  @Test(
    "if the header states no size, the file is read to its end",
    arguments: [(0, 0), (0, .max), (.max, .max), (0x7fff_0000, 0x7fff_ffff), (0x8000_0000, 0x8000_0024), (0, 36)]
      as [(UInt32, UInt32)])
  func unknownSizes(data: UInt32, riff: UInt32) throws {
    #expect(try frames(RawSounds.wav(Self.tone, dataSize: data, riffSize: riff)) == 20000)
    #expect(try frames(RawSounds.aiff(Self.whole, sizes: (riff, data, data)), "odd.aiff") == 20000)
    #expect(try frames(RawSounds.aiff(Self.whole, sizes: (riff, 0, 8)), "odd.aiff") == 20000)
    #expect(try frames(RawSounds.au(Self.whole, dataSize: data), "odd.au") == 20000)
  }

  @Test("a size of zero with chunks after it is believed, and wrong sizes of the whole file are ignored")
  func emptyWAV() throws {
    let list = Data("LIST".utf8) + Data([4, 0, 0, 0]) + Data("INFO".utf8)
    let said = try complaint(RawSounds.wav([], dataSize: 0, behind: list))
    #expect(said?.contains("its header says so") == true)
    #expect(try frames(RawSounds.wav(Self.tone, riffSize: 7, behind: list)) == 20000)
    #expect(try frames(RawSounds.wav(Self.tone, riffSize: 0x1234_5678)) == 20000)
  }

  @Test("AIFF and AU files that are cut off are reported; AIFF also counts its frames")
  func cutAIFF() throws {
    let said = try complaint(RawSounds.aiff(Self.whole).prefix(54 + 20000), "odd.aiff")
    #expect(said == "the sound file ends early: it has only 0.227 s of 0.454 s")
    let shortened = RawSounds.aiff(Array(Self.whole.prefix(5000)), sizes: (46 + 10000, 20000, 8 + 10000))
    #expect(try complaint(shortened, "odd.aiff")?.contains("0.113 s of 0.454 s") == true)
    #expect(
      try complaint(RawSounds.au(Self.whole).prefix(24 + 20000), "odd.au")?.contains("0.227 s of 0.454 s") == true)
  }

  @Test("a FLAC file that is cut off or damaged is reported; a tag after it is no damage", arguments: [0.2, 0.5, 0.95])
  func flac(share: Double) throws {
    let file = try flac()
    let place = Int(share * Double(file.count))
    #expect(try complaint(file.prefix(place), "odd.flac")?.contains("of 0.454 s") == true)
    #expect(try complaint(file.dropLast(1), "odd.flac")?.contains("of 0.454 s") == true)
    var flipped = file
    flipped[place] ^= 0x10
    #expect(try complaint(flipped, "odd.flac")?.contains("of 0.454 s") == true)
    #expect(try frames(file + Data("TAG".utf8) + Data(count: 125), "odd.flac") == 20000)
  }

  @Test("an Ogg file that is cut off, lacks a page or has a wrong bit is reported")
  func ogg() throws {
    let pages = RawSounds.opus(pages: 5)
    func joined(_ pages: some Sequence<Data>) -> Data { pages.reduce(Data(), +) }
    let file = joined(pages)
    #expect(try frames(file, "odd.opus") == 48000)
    let cut = try complaint(joined(pages.dropLast()), "odd.ogg")
    #expect(cut == "the sound file ends early: it has only 0.800 s, and its end is missing")
    #expect(try complaint(file.dropLast(3), "odd.ogg")?.contains("ends early") == true)
    let gap = try complaint(joined(pages[..<4] + pages[5...]), "odd.ogg")
    #expect(gap == "the sound file is damaged: only 0.400 s of 1.000 s are intact in one piece")
    var flipped = file
    flipped[file.count / 2] ^= 1
    #expect(try complaint(flipped, "odd.ogg")?.contains("damaged") == true)
    #expect(try frames(file + Data("more".utf8), "odd.ogg") == 48000, "what follows the last page")
  }

  @Test("an MP3 file that is cut off or lacks frames is reported; tags and unreliable counts are accepted")
  func mp3() throws {
    let file = RawSounds.mp3(frames: 20)
    #expect(try complaint(file, "odd.mp3") == nil)
    #expect(try complaint(RawSounds.mp3(frames: 20, counted: 20), "odd.mp3") == nil)
    #expect(try complaint(RawSounds.mp3(frames: 20, counted: 21), "odd.mp3") == nil, "its own frame counted as well")
    let exact = try complaint(RawSounds.mp3(frames: 20, counted: 21, encoder: "LAME"), "odd.mp3")
    #expect(exact?.contains("0.522 s of 0.549 s") == true)
    #expect(
      try complaint(RawSounds.mp3(frames: 15, counted: 20), "odd.mp3")
        == "the sound file ends early: it has only 0.392 s of 0.522 s")
    #expect(try complaint(file.dropLast(9), "odd.mp3")?.contains("ends early") == true)
    var hole = file
    hole.replaceSubrange(10 * 417 - 50..<10 * 417 + 50, with: Data(count: 100))
    #expect(try complaint(hole, "odd.mp3")?.contains("damaged: only 0.261 s of ") == true)
    let shifted = file.prefix(5000) + file.dropFirst(5100)
    #expect(try complaint(shifted, "odd.mp3")?.contains("damaged") == true)
    #expect(try complaint(file + Data(count: 300_000), "odd.mp3")?.contains("ends early") == true)
    // One frame of 320 and then many of 32 kbit/s, without a count: libsndfile goes by the first.
    let wide = Data([0xff, 0xfb, 0xe0, 0xc0]) + Data(count: 1040),
      narrow = Data([0xff, 0xfb, 0x10, 0xc0]) + Data(count: 100)
    let varied = wide + (0..<60).reduce(Data()) { all, _ in all + narrow }
    #expect(try complaint(varied, "odd.mp3")?.contains("does not state its length") == true)
    let before = Data("ID3".utf8) + Data([3, 0, 0, 0, 0, 1, 0]) + Data(count: 128)
    #expect(try complaint(before + file + Data("TAG".utf8) + Data(count: 125), "odd.mp3") == nil)
    #expect(try complaint(file + Data(count: 100), "odd.mp3") == nil)
  }

  @Test("a macOS sidecar beside a file changes nothing")
  func sidecar() throws {
    let magic = Data([0, 5, 0x16, 7, 0, 2, 0, 0]) + Data("Mac OS X        ".utf8)
    for (name, content) in [("a.mp3", RawSounds.mp3(frames: 20)), ("b.wav", RawSounds.wav(Self.tone))] {
      try (magic + Data(count: 4000)).write(to: folder.appending(path: "._\(name)"))
      #expect(try frames(content, name) > 10000)
    }
  }

  @Test("headers with absurd sizes are refused, and no memory is allocated for what they promise")
  func absurd() throws {
    for rate in [1, 1999, 10_000_000] {
      #expect(try complaint(RawSounds.wav(Self.tone, rate: rate))?.contains("sample rate of \(rate) Hz") == true)
    }
    #expect(try complaint(RawSounds.wav(Self.tone, rate: 0)) != nil)
    #expect(try complaint(RawSounds.wav(Self.tone, channels: 0)) != nil)
    for channels in [3, 6, 1000] {
      let said = try complaint(RawSounds.wav([Float](repeating: 0.5, count: 2 * channels), channels: channels))
      #expect(said?.contains("\(channels) channels") == true)
    }
    // All 36 bits of the number of frames are set.
    var file = try flac()
    file[21] |= 0x0f
    file.replaceSubrange(22..<26, with: [255, 255, 255, 255])
    #expect(try complaint(file, "odd.flac")?.contains("of 1558264.") == true)
    // Silence, one sample longer than 600 s.
    let long = RawSounds.au([], dataSize: .max) + Data(count: 2 * (600 * 44100 + 1))
    #expect(try complaint(long, "odd.au") == "the sound file is longer than 600 s")
  }

  @Test(
    "uncounted sound data are reported; chunks, tags, zeros and a few bytes after the samples are not")
  func strayed() throws {
    let said = try complaint(RawSounds.wav(Self.tone, dataSize: 40000))
    #expect(
      said == "the sound file contains more than its header says: 40000 bytes of sound, and 40000 bytes after them")
    #expect(try complaint(RawSounds.au(Self.whole, dataSize: 20000), "odd.au")?.contains("20000 bytes after") == true)
    let short = RawSounds.aiff(Self.whole, sizes: (46 + 20000, 10000, 8 + 20000))
    #expect(try complaint(short, "odd.aiff")?.contains("20000 bytes after") == true)
    let list = Data("LIST".utf8) + Data([0, 8, 0, 0]) + Data(repeating: 200, count: 2048)
    for behind in [
      list, list + Data([1, 2, 3]), list.prefix(1500), Data("TAG Title".utf8) + Data(count: 119), Data(count: 5000),
      Data(repeating: 7, count: 1000), Data("ID3".utf8) + Data([4, 0]) + Data(repeating: 9, count: 3000),
    ] { #expect(try frames(RawSounds.wav(Self.tone, behind: behind)) == 20000) }
  }

  @Test("FLAC and CAF files that count too few frames are reported, and none is dropped silently")
  func miscounted() throws {
    var file = try flac()
    #expect(try frames(file, "odd.flac") == 20000)
    file.replaceSubrange(22..<26, with: [0, 0, 0x27, 0x10])
    let said = "the sound file contains more than its header says: 0.454 s of sound, of which it counts 0.227 s"
    #expect(try complaint(file, "odd.flac") == said)
    let tag = Data("ID3".utf8) + Data([4, 0, 0, 0, 0, 0, 10]) + Data(count: 10)
    #expect(try complaint(tag + file, "odd.flac") == said)
    file.replaceSubrange(22..<26, with: [0, 0, 0, 0])
    #expect(try frames(file, "odd.flac") == 20000)
    #expect(try frames(RawSounds.alac(), "odd.caf") == 20000)
    for (counted, words) in [(10000, "of which it counts 0.227 s"), (30000, "it has only 0.454 s of 0.680 s")] {
      #expect(try complaint(RawSounds.alac(counted: UInt64(counted)), "odd.caf")?.contains(words) == true)
    }
  }

  @Test("formats in which a cut cannot be detected are refused, whole or not")
  func unchecked() throws {
    let samples = Data(repeating: 90, count: 20000)
    let voc = Data("Creative Voice File".utf8) + Data([0x1a, 26, 0, 0x14, 1, 0x1f, 0x11, 9, 0x2c, 0x4e, 0, 0x44, 0xac])
    let block = Data([0, 0, 16, 1, 4, 0, 0, 0, 0, 0])
    let ircam = Data([0x64, 0xa3, 3, 0, 0, 0x44, 0x2c, 0x47, 1, 0, 0, 0, 2, 0, 0, 0]) + Data(count: 1008)
    let pvf = Data("PVF1\n1 44100 16\n".utf8)
    for (file, name) in [
      (voc + block + samples + Data([0]), "odd.voc"), (pvf + samples, "odd.pvf"), (ircam + samples, "odd.sf"),
    ] {
      for content in [file, file.prefix(5000)] {
        let said = try complaint(content, name)
        #expect(said?.contains("truncation cannot be detected") == true, "\(said ?? "read")")
      }
    }
  }

  @Test("anything but a plain file is refused at once")
  func noFile() throws {
    let pipe = folder.appending(path: "pipe.wav")
    #expect(mkfifo(pipe.path, 0o600) == 0)
    for (url, words) in [(pipe, "this is a pipe, not a file"), (folder, "this is a folder, not a file")] {
      #expect { try AudioFile.read(url) } throws: { "\($0)".contains(words) }
    }
  }
}
