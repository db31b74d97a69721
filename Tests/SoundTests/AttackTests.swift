import Foundation
import Sound
import Testing

@Suite("Attacks")
struct AttackTests {
  /// A decaying tone with silence around it.
  func hit(silence: Int, decay: Double = 0.05, seconds: Double = 0.6, after: Int = 0, rate: Int = 44100) -> Clip {
    let sound = (0..<Int(seconds * Double(rate))).map { (i: Int) -> Float in
      let time = Double(i) / Double(rate)
      return Float(0.8 * exp(-time / decay) * cos(2 * .pi * 180 * time))
    }
    return Clip(
      mono: [Float](repeating: 0, count: silence) + sound + [Float](repeating: 0, count: after), sampleRate: rate)
  }

  @Test("leading silence is removed and the attack stays, sample for sample", arguments: [0, 10, 88, 5000])
  func leading(silence: Int) throws {
    let clip = hit(silence: silence)
    let attack = try #require(Attack.find(in: clip))
    #expect(attack.frame == silence)
    #expect(attack.kept.lowerBound == max(0, silence - 88))
    let trimmed = attack.trim(clip)
    let lead = silence - attack.kept.lowerBound
    #expect(trimmed.channels[0][..<lead].allSatisfy { $0 == 0 })
    let made = trimmed.channels[0][lead..<lead + 4000], original = clip.channels[0][silence..<silence + 4000]
    #expect(made.elementsEqual(original))
  }

  @Test("faint noise before the attack is removed too, and the step at the start is under half a percent")
  func noise() throws {
    var clip = hit(silence: 4000)
    for i in 0..<3990 { clip.channels[0][i] = i.isMultiple(of: 2) ? 0.003 : -0.003 }
    let attack = try #require(Attack.find(in: clip))
    #expect(attack.frame == 4000)
    #expect(abs(attack.trim(clip).channels[0][0]) <= 0.005 * clip.samplePeak)
  }

  @Test("a quieter channel sets the start if it comes first")
  func channels() throws {
    let clip = hit(silence: 1000)
    let early = hit(silence: 500).scaled(by: 0.1)
    let stereo = Clip(
      channels: [clip.channels[0], early.channels[0] + [Float](repeating: 0, count: 500)], sampleRate: 44100)
    #expect(try #require(Attack.find(in: stereo)).frame == 500)
  }

  @Test("trailing silence is removed, and a sound's own end is not faded")
  func trailing() throws {
    let clip = hit(silence: 0, after: 30000)
    let attack = try #require(Attack.find(in: clip))
    #expect(attack.fadeFrames == 0)
    #expect(attack.trim(clip).channels[0] == Array(clip.channels[0][attack.kept]))
    // exp(-t/0.05) falls to 0.1 % after 0.345 s.
    #expect(abs(Double(attack.kept.upperBound) / 44100 - 0.355) < 0.006)
  }

  @Test("what is cut off fades out in 10 ms, at the maximum length or at the file's end")
  func cut() throws {
    let clip = hit(silence: 300, decay: 10)
    for maximum in [0.1, 0.25, Double.infinity] {
      let attack = try #require(Attack.find(in: clip, maximumDuration: maximum))
      #expect(attack.fadeFrames == 441)
      let trimmed = attack.trim(clip)
      #expect(maximum.isInfinite || trimmed.frameCount == Int(maximum * 44100))
      #expect(trimmed.channels[0].last == 0)
      let untouched = trimmed.frameCount - 441
      let original = Array(clip.channels[0][attack.kept].prefix(untouched))
      #expect(Array(trimmed.channels[0].prefix(untouched)) == original)
    }
  }

  @Test("a fade leaves the 5 ms after an attack alone, however short the sound")
  func protected() throws {
    for count in [1, 100, 220, 300, 500] {
      let clip = Clip(mono: [Float](repeating: 0.5, count: count), sampleRate: 44100)
      let attack = try #require(Attack.find(in: clip))
      let trimmed = attack.trim(clip)
      #expect(trimmed.channels[0].prefix(221).allSatisfy { $0 == 0.5 })
      #expect(trimmed.frameCount == count)
    }
  }

  @Test("silence has no attack")
  func silent() {
    #expect(Attack.find(in: Clip(mono: [0, 0, 0], sampleRate: 44100)) == nil)
  }
}
