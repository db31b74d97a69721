import Basics
import Foundation
import Sound
import Testing

@Suite("Sound files")
struct AudioFileTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "earshot-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  @Test(
    "what was written reads back within half a quantisation step",
    arguments: [(AudioFile.Encoding.flac16, "flac", 15), (.flac24, "flac", 23), (.wav16, "wav", 15)])
  func roundTrip(encoding: AudioFile.Encoding, suffix: String, bits: Int) throws {
    var random = SeededRandom(seed: 1, "audio")
    let clip = Clip(
      channels: (0..<2).map { _ in (0..<5000).map { _ in Float(random.uniform(-0.99...0.99)) } }, sampleRate: 44100)
    let url = folder.appending(path: "a.\(suffix)")
    try AudioFile.write(clip, to: url, as: encoding)
    let read = try AudioFile.read(url)
    #expect(read.sampleRate == 44100 && read.channels.count == 2 && read.frameCount == 5000)
    let step = Float(1) / Float(1 << bits)
    for (a, b) in zip(clip.channels.joined(), read.channels.joined()) { #expect(abs(a - b) <= step) }
  }

  @Test("a broken file and a missing one give different problems")
  func broken() throws {
    let url = folder.appending(path: "broken.ogg")
    try Data("OggS but no more".utf8).write(to: url)
    #expect { try AudioFile.read(url) } throws: { "\($0)".contains("not a sound file that can be read") }
    #expect { try AudioFile.read(folder.appending(path: "none.wav")) } throws: {
      "\($0)".contains("there is no such file")
    }
  }
}
