import Basics
import Foundation
import Sound
import Study

/// What a listener hears of a source, and what was done to it. `docs/stimuli.md` gives the reasons.
///
/// All stimuli are stereo, so that the number of channels reveals nothing; a mono source plays on both sides. Samples
/// are whole multiples of 1/32768, so that a 16-bit file stores them exactly.
struct StimulusSound {
  var clip: Clip
  /// The loudness as presented. `integrated` matters for a query, `maximumMomentary` for a candidate.
  var loudness: Loudness
  /// The gain relative to the source, in dB.
  var gain: Double
  /// Whether the true-peak ceiling kept the sound below the study's loudness.
  var isLimited: Bool

  /// The version of the rules in this file, kept in the record of prepared sounds. Raise it to prepare everything
  /// again.
  static let rules = "2"

  /// Sources whose peak is lower count as silent: −80 dBFS, linear.
  private static let faintest: Float = 0.0001

  /// Decodes and prepares one source.
  /// - Parameter ground: for versions that are compared during playback. Computed here if nil.
  /// - Throws: a `Problem` that names the file.
  init(_ request: StimulusRequest, rules: StudyDefinition.Sounds, ground: CommonGround? = nil) throws {
    let place = Place(file: request.file.path)
    let source = try AudioFile.read(request.file)
    guard source.samplePeak > Self.faintest else {
      throw Problem("the sound is silent", at: place, mend: "Replace it, or leave it out of the study's tables.")
    }
    let common = request.alignment.map { ground ?? CommonGround($0, rules: rules) }
    // Versions keep the rate of their files, which may be far below the study's.
    let version = StimulusRequest.Version(file: request.file, lowpass: request.lowpass)
    let rate = common?.sampleRate ?? rules.sampleRate
    try version.checkLowpass(at: rate)
    // If both channels are equal, compute only one.
    let isMono = source.channels.count == 1 || source.channels[0] == source.channels[1]
    var clip = isMono ? Clip(mono: source.channels[0], sampleRate: source.sampleRate) : source

    if let common {
      clip = version.lowpassed(try clip.resampled(to: common.sampleRate)).asVersion(frames: common.frameCount)
      let level = common.level(of: request.file)
      loudness = try Loudness.measure(clip).after(gain: level.gain)
      (gain, isLimited) = (level.gain, level.isLimited)
      Self.quantise(&clip, gain: Float(pow(10, gain / 20)), stream: request.stimulus)
      self.clip = isMono ? Clip(channels: [clip.channels[0], clip.channels[0]], sampleRate: clip.sampleRate) : clip
      return
    }
    let wanted: Double
    switch request.role {
    case .query:
      clip = Loop.seamed(version.lowpassed(try Loop.resampled(clip, to: rules.sampleRate)))
      loudness = try Loudness.measure(clip)
      guard loudness.integrated.isFinite else {
        throw Problem(
          "the loop has no integrated loudness", at: place,
          mend: "It must be longer than 0.4 s and louder than -70 LUFS.")
      }
      wanted = rules.queryLoudness - loudness.integrated
    case .candidate:
      clip = version.lowpassed(try clip.resampled(to: rules.sampleRate))
      guard let attack = Attack.find(in: clip, maximumDuration: rules.candidateMaxDuration) else {
        throw Problem(
          "nothing remains of the sound\(request.lowpass.map { " below \($0.cellText) Hz" } ?? "")", at: place,
          mend: "Leave it out of the study's tables.")
      }
      clip = attack.trim(clip)
      loudness = try Loudness.measure(clip)
      wanted = rules.candidateLoudness - loudness.maximumMomentary
    }
    let room = rules.truePeakCeiling - loudness.truePeak
    gain = min(wanted, room)
    isLimited = room < wanted
    loudness = loudness.after(gain: gain)
    Self.quantise(&clip, gain: Float(pow(10, gain / 20)))
    self.clip = isMono ? Clip(channels: [clip.channels[0], clip.channels[0]], sampleRate: clip.sampleRate) : clip
  }

  /// Scales, and rounds to 16 bits with triangular dither of ±1 step, which turns the distortion that rounding causes
  /// in a decay into a steady, inaudible noise (Lipshitz, Wannamaker & Vanderkooy 1992). The noise is the same in every
  /// file and channel and so reveals nothing. Versions of one sound each get their own noise, so that no two files are
  /// identical even if their sounds are.
  private static func quantise(_ clip: inout Clip, gain: Float, stream: String = "") {
    let scale = gain * 32768
    for c in clip.channels.indices {
      var random = stream.isEmpty ? SeededRandom(seed: 16, "dither") : SeededRandom(seed: 16, "dither", stream)
      clip.channels[c].withUnsafeMutableBufferPointer { samples in
        for i in samples.indices {
          let draw = random.next()
          let noise = Float(Int64(draw >> 32) - Int64(draw & 0xffff_ffff)) * 0x1p-32
          let step = (samples[i] * scale + noise).rounded()
          samples[i] = min(32767, max(-32768, step)) * 0x1p-15
        }
      }
    }
  }
}

extension Clip {
  /// The length of the fades, in seconds: too short to be heard, long enough to avoid a click.
  private static let edge = 0.005

  /// The clip at a length of `frames` frames (nil: its own): shorter clips end in silence, longer ones are cut. The edges are
  /// faded, so that playback can restart without a click.
  fileprivate func asVersion(frames: Int?) -> Clip {
    let frames = frames ?? channels[0].count
    let ramp = min(frames / 2, Int(Clip.edge * Double(sampleRate)))
    let channels = channels.map { channel in
      var samples = Array(channel.prefix(frames))
      for i in 0..<min(ramp, samples.count / 2) {
        let share = Float(0.5 - 0.5 * cos(.pi * Double(i) / Double(ramp)))
        samples[i] *= share
        samples[samples.count - 1 - i] *= share
      }
      return samples + [Float](repeating: 0, count: frames - samples.count)
    }
    return Clip(channels: channels, sampleRate: sampleRate)
  }
}
