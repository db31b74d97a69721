import Sound
import Testing

@Suite("Clips")
struct ClipTests {
  @Test("energies of equal parts count all channels and leave out what is left over")
  func energies() {
    let clip = Clip(channels: [[1, 2, 3, 0, -1, 1, 9], [0, 0, 1, 1, 0, 2, 9]], sampleRate: 44100)
    #expect(clip.energies(ofParts: 3) == [5, 11, 6])
    #expect(clip.energies(ofParts: 1) == [184])
    #expect(clip.energies(ofParts: 8) == Array(repeating: 0, count: 8), "more parts than frames")
  }

  @Test("the difference is of the first and the last channel")
  func difference() {
    #expect(Clip(channels: [[1, 2], [9, 9], [3, -1]], sampleRate: 44100).difference == [-2, 3])
    #expect(Clip(mono: [1, 2], sampleRate: 44100).difference == [0, 0])
  }
}
