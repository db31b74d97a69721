import Basics
import Foundation

/// A kick drum as analogue circuits and drum heads produce it: a sine whose pitch falls to a resting frequency, the
/// click of the beater at the start, and drive that adds harmonics to both.
struct KickVoice: DrumVoice {
  /// The initial and the resting frequency, in hertz.
  var startPitch, endPitch: Double
  /// The time in which the distance to the resting frequency falls to 1/e, in seconds.
  var pitchDecay: Double
  /// The time in which the body decays by 60 dB, in seconds.
  var decay: Double
  /// The level of the head's second mode relative to the first, at 1.59 times the pitch (the first overtone of a
  /// circular membrane).
  var overtone: Double
  /// The level of the click, from 0 to 1, and the centre frequency of its band, in hertz.
  var click, clickPitch: Double
  /// The level of the skin's rattle: low-passed noise that follows the body.
  var skin: Double
  /// Saturation, from 0 (clean) to 1 (strong).
  var drive: Double

  func render(sampleRate: Double, random: inout SeededRandom) -> [Double] {
    let count = Int(decay * 1.1 * sampleRate)
    var band = StateVariableFilter(.bandpass, frequency: clickPitch, q: 0.9, sampleRate: sampleRate)
    var skinBand = StateVariableFilter(.lowpass, frequency: 6 * endPitch + 300, sampleRate: sampleRate)
    var phase = 0.0, overtonePhase = 0.0
    return (0..<count).map { i in
      let t = Double(i) / sampleRate
      let pitch = endPitch + (startPitch - endPitch) * exp(-t / pitchDecay)
      phase += pitch / sampleRate
      overtonePhase += 1.59 * pitch / sampleRate
      let noise = random.normal()
      let body =
        (sin(2 * .pi * phase) + overtone * sin(2 * .pi * overtonePhase) * exp(-t * 9 / decay)) * fall(t, decay)
      let beater = click * band(noise) * fall(t, 0.02) * 1.5
      let rattle = skin * skinBand(noise) * fall(t, 0.5 * decay)
      return saturate(body + beater + rattle, drive)
    }
  }
}
