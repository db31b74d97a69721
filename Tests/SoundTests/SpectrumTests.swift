import Basics
import Foundation
import Sound
import Testing

@Suite("Spectra")
struct SpectrumTests {
  @Test("a sinusoid on a bin has its power there, and frames are centred")
  func sinusoid() {
    let samples = (0..<4096).map { Float(sin(2 * Double.pi * 64 * Double($0) / 1024)) }
    let spectrum = Spectrum(of: samples, sampleRate: 44100, settings: .init(size: 1024, hop: 256))
    #expect(spectrum.frameCount == 17 && spectrum.binCount == 513)
    let frame = Array(spectrum.power[8 * 513..<9 * 513])
    #expect(frame.firstIndex(of: frame.max() ?? 0) == 64)
    #expect(abs(frame[64] - 256 * 256) < 10)  // Half the window's sum, squared.
    #expect(abs(spectrum.frequency(64) - 2756.25) < 1e-9 && abs(spectrum.time(8) - 2048.0 / 44100) < 1e-12)
  }

  @Test("power agrees with the transform's definition", arguments: [16, 30, 64])
  func definition(size: Int) {
    var random = SeededRandom(seed: 3, "spectrum")
    let samples = (0..<size * 2).map { _ in Float(random.uniform(-1...1)) }
    let spectrum = Spectrum(of: samples, sampleRate: 8000, settings: .init(size: size, hop: size))
    let window = Spectrum.hann(size)
    for k in 0...size / 2 {
      var re = 0.0, im = 0.0
      for n in 0..<size {
        let x = Double(samples[size / 2 + n] * window[n]), angle = 2 * Double.pi * Double(k * n) / Double(size)
        re += x * cos(angle)
        im -= x * sin(angle)
      }
      #expect(abs(Double(spectrum.power[spectrum.binCount + k]) - (re * re + im * im)) < 1e-4)
    }
  }

  @Test("the same samples give the same bits on every thread")
  func threads() throws {
    var random = SeededRandom(seed: 5, "threads")
    let samples = (0..<9000).map { _ in Float(random.uniform(-1...1)) }
    let all = try parallelMap(Array(0..<32)) { i in
      Spectrum(of: samples, sampleRate: 44100, settings: .init(size: i % 2 == 0 ? 512 : 768, hop: 100)).power
    }
    for (i, power) in all.enumerated() { #expect(power == all[i % 2]) }
  }

  @Test("what sounded before can be subtracted")
  func background() {
    func tone(_ bin: Double, from start: Int) -> [Float] {
      (0..<8192).map { $0 < start ? 0 : Float(sin(2 * Double.pi * bin * Double($0) / 1024)) }
    }
    let both = zip(tone(100, from: 0), tone(200, from: 4096)).map { $0 + $1 }
    let spectrum = Spectrum(of: both, sampleRate: 44100, settings: .init(size: 1024, hop: 256))
    let rest = spectrum.without(background: 2..<14, from: 16)
    #expect(rest.frameCount == spectrum.frameCount - 16)
    let frame = Array(rest.power[4 * 513..<5 * 513]), whole = Array(spectrum.power[20 * 513..<21 * 513])
    #expect(frame[100] < 1e-3 * whole[100] && abs(frame[200] - whole[200]) < 1e-3 * whole[200])
    #expect(rest.power.allSatisfy { $0 >= 0 })
  }

  @Test("an empty sound has one silent frame")
  func empty() {
    let spectrum = Spectrum(of: [], sampleRate: 44100, settings: .init(size: 512, hop: 128))
    #expect(spectrum.frameCount == 1 && spectrum.power.allSatisfy { $0 == 0 })
  }

  @Test(
    "band powers computed directly equal those of the full spectrum", arguments: [(1024, 256), (2048, 441), (30, 7)])
  func bandPower(size: Int, hop: Int) {
    var state: UInt32 = 1
    func noise() -> Float {
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(Int32(bitPattern: state)) * 0x1p-31
    }
    for count in [0, 5, hop - 1, 3 * hop, 5000, 20011] {
      // Loud and almost silent sections alternate, so that rounding errors of loud frames would show in quiet ones.
      let samples = (0..<count).map { noise() * ($0 / 3000 % 2 == 0 ? 1 : 1e-2) }
      let settings = Spectrum.Settings(size: size, hop: hop)
      let bands = MelScale.slaney.filters(11, size: size, sampleRate: 44100)
      let spectrum = Spectrum(of: samples, sampleRate: 44100, settings: settings)
      let right = spectrum.power(in: bands), power = BandPower(in: bands, settings: settings)(samples)
      #expect(power.count == right.count)
      for i in 0..<spectrum.frameCount {
        for b in 0..<11 {
          let (a, r) = (power[b * spectrum.frameCount + i], right[i * 11 + b])
          #expect(abs(a - r) <= 1e-3 * r + 1e-6)
        }
      }
    }
  }
}

@Suite("Auditory scales")
struct ScaleTests {
  @Test("mel follows Slaney: 15 at 1 kHz, 42 at 6.4 kHz, and back")
  func mel() {
    #expect(abs(MelScale.slaney.mel(hertz: 1000) - 15) < 1e-9 && abs(MelScale.slaney.mel(hertz: 6400) - 42) < 1e-9)
    for f in [20.0, 440, 999, 1001, 15000] {
      #expect(abs(MelScale.slaney.hertz(mel: MelScale.slaney.mel(hertz: f)) - f) < 1e-6)
    }
  }

  @Test("wide mel filters have unit area")
  func area() {
    let filters = MelScale.slaney.filters(20, size: 8192, sampleRate: 44100)
    for b in 0..<20 {
      let area = filters[b].reduce(0, +) * 44100 / 8192
      #expect(abs(area - 1) < 0.01)
    }
  }

  @Test("critical bands end at whole barks")
  func bark() {
    // Zwicker & Terhardt 1980, eq. 1.
    for (i, edge) in BarkScale.edges.enumerated() where i > 0 {
      #expect(abs(13 * atan(0.76 * edge / 1000) + 3.5 * atan(pow(edge / 7500, 2)) - Double(i)) < 0.25)
    }
    #expect(BarkScale.filters(size: 1024, sampleRate: 44100).count == 24)
    #expect(BarkScale.filters(size: 1024, sampleRate: 16000).count == 21)
  }

  @Test("the outer ear's gain is highest between 3 and 4 kHz and falls below")
  func ear() {
    let best = stride(from: 50.0, to: 15000, by: 10).max {
      BarkScale.outerEar(hertz: $0) < BarkScale.outerEar(hertz: $1)
    }
    #expect((3000...4000).contains(best ?? 0))
    #expect(abs(BarkScale.outerEar(hertz: 1000) + 3.37) < 0.02)
  }

  @Test("loudness is 1 sone at 40 dB and doubles every 10 dB above")
  func sone() {
    #expect(BarkScale.sone(decibels: 40) == 1 && BarkScale.sone(decibels: 60) == 4 && BarkScale.sone(decibels: -3) == 0)
    #expect(BarkScale.sone(decibels: 20) < 0.2)
  }
}
