import Foundation
import Sound
import Testing

@Suite("Resampling")
struct ResamplerTests {
  static let rates = [(44100, 48000), (48000, 44100), (96000, 44100), (22050, 44100), (8000, 48000), (44056, 44100)]

  @Test("an impulse keeps its time, near the start and in the middle", arguments: rates)
  func impulse(from: Int, to: Int) throws {
    for time in [0.01, 0.25] {
      var samples = [Float](repeating: 0, count: from / 2)
      let frame = Int((time * Double(from)).rounded())
      samples[frame] = 1
      let clip = try Clip(mono: samples, sampleRate: from).resampled(to: to)
      #expect(clip.sampleRate == to)
      // The centre of the energy, which moves even with a delay of a fraction of a frame.
      var weighted = 0.0, energy = 0.0
      for (i, sample) in clip.channels[0].enumerated() {
        weighted += Double(i) * Double(sample * sample)
        energy += Double(sample * sample)
      }
      #expect(abs(weighted / energy / Double(to) - Double(frame) / Double(from)) < 0.05 / Double(to))
    }
  }

  @Test("the length follows the stated rule", arguments: rates)
  func length(from: Int, to: Int) throws {
    for count in [1, 2, 7, 441, 1000, 44101] {
      let clip = try Clip(
        channels: [[Float]](repeating: .init(repeating: 0.5, count: count), count: 2), sampleRate: from
      )
      .resampled(to: to)
      #expect(clip.frameCount == Int((Double(count) * Double(to) / Double(from)).rounded()).clamped(atLeast: 1))
      #expect(clip.channels.count == 2)
    }
  }

  @Test("a sine below the edge of the pass band keeps its values within -100 dB", arguments: rates)
  func sine(from: Int, to: Int) throws {
    let frequency = 0.35 * Double(min(from, to))
    func sine(_ rate: Int) -> [Float] {
      (0..<rate).map { Float(0.5 * sin(2 * .pi * frequency * Double($0) / Double(rate))) }
    }
    let made = try Clip(mono: sine(from), sampleRate: from).resampled(to: to).channels[0]
    let wanted = sine(to)
    for i in to / 4..<to * 3 / 4 { #expect(abs(made[i] - wanted[i]) < 1e-5) }
  }

  @Test("converting to the clip's own rate changes nothing")
  func same() throws {
    let clip = Clip(mono: [0.1, -0.2, 0.3], sampleRate: 44100)
    #expect(try clip.resampled(to: 44100) == clip)
  }
}

extension Int {
  fileprivate func clamped(atLeast low: Int) -> Int { Swift.max(low, self) }
}
