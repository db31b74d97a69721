import Basics
import Foundation

/// A kick drum as analogue circuits and drum heads make it: a sine whose pitch falls to its resting frequency, a click
/// of the beater at the start, and a drive that folds both into harmonics.
struct KickVoice: DrumVoice {
  /// Where the pitch starts and where it rests, in hertz.
  var startPitch, endPitch: Double
  /// The time in which the pitch falls to 1/e of its way, in seconds.
  var pitchDecay: Double
  /// The time in which the body falls by 60 dB, in seconds.
  var decay: Double
  /// The share of a second head mode, at 1.59 times the pitch (the first overtone of a circular membrane).
  var overtone: Double
  /// Level of the click, 0 to 1, and the frequency of the band that it lies in, in hertz.
  var click, clickPitch: Double
  /// Level of the skin's rattle, a low-passed noise that follows the body.
  var skin: Double
  /// 0 is clean; 1 saturates strongly.
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
